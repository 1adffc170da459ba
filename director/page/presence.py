"""Until when the process of a page lives: the command, and then the last browser that looks.

Takes the command's pipe and the time, says whether to end.
"""

import os
import select
from collections.abc import Callable

LEFT_S = 10.0
"""A browser that was not heard of for so long has left; one that reloads the page is back sooner."""
LONGEST_S = 3600.0
"""So long a page is shown after its command at most."""


class Presence:
    """`pipe` is at its end once the command is no more, however it ended."""

    def __init__(self, pipe: int, *, now: Callable[[], float]) -> None:
        self.is_ending = False
        self._pipe = pipe
        self._now = now
        self._seen_at = now()
        self._alone_since: float | None = None

    def note_visit(self) -> None:
        """Somebody looks."""
        self._seen_at = self._now()

    def look(self) -> bool:
        """Whether the process is to end now."""
        if self._alone_since is None and self._is_command_over():
            self._alone_since = self._now()
        if self._alone_since is not None:
            has_left = self._now() - self._seen_at > LEFT_S
            self.is_ending = has_left or self._now() - self._alone_since > LONGEST_S
        return self.is_ending

    def _is_command_over(self) -> bool:
        ready, _, _ = select.select([self._pipe], [], [], 0)
        return bool(ready) and os.read(self._pipe, 4096) == b""
