"""One call that waits for a guest's answer: progress on its way, and the end, which comes once.

Takes lines from the reading thread, gives them to the caller. Bounded: of unread progress the oldest is dropped, or,
where every line counts, the reader waits.
"""

import threading
import time
from collections import deque

from cpi.contract.values import JsonValue
from director.edge.agents.guest_replies import GuestFailure
from director.edge.agents.guest_replies import Reply as Reply

_KEPT = 64
_MOST_HELD = 256
_FREE_BYTES = 1 << 20
_BYTES_PER_S = 1 << 18

End = tuple[GuestFailure | None, JsonValue]
"""An error, or None and the value."""


class Waiting:
    """`is_whole`: no line of progress may be lost (the lines of a log). The answer is one line of `longest` bytes."""

    def __init__(self, *, is_whole: bool, longest: int) -> None:
        self.longest = longest
        self.broken: BaseException | None = None
        self.end: End | None = None
        self.is_whole = is_whole
        self._changed = threading.Condition()
        self._lines: deque[str] = deque(maxlen=None if is_whole else _KEPT)
        self._is_over = False
        self._began_at = time.monotonic()
        self._bytes = 0

    def report(self, line: str) -> bool:
        """Hand on a line of progress; False for more than anything that works has to say."""
        with self._changed:
            while self.is_whole and len(self._lines) >= _MOST_HELD and not self._is_over:
                self._changed.wait(1.0)
            if self._is_over:
                return True
            self._lines.append(line)
            self._bytes += len(line) + 40
            self._changed.notify_all()
        allowed = _FREE_BYTES + _BYTES_PER_S * (time.monotonic() - self._began_at)
        return self.is_whole or self._bytes <= allowed

    def finish(self, end: End) -> None:
        """The answer is there."""
        self._close(end, None)

    def give_up(self, why: BaseException) -> None:
        """End the call with an error, which the waiting caller raises. An answer that has arrived stays."""
        self._close(None, why)

    def drop(self) -> None:
        """Note that the caller no longer waits."""
        self._close(None, None)

    def next_line(self, timeout_s: float) -> str | None:
        """The next line; None if there is none within that time, or the call is over and every line was read."""
        with self._changed:
            if not self._lines and not self._is_over:
                self._changed.wait(timeout_s)
            self._changed.notify_all()
            return self._lines.popleft() if self._lines else None

    @property
    def is_over(self) -> bool:
        """Whether the end is there and every line was taken."""
        with self._changed:
            return self._is_over and not self._lines

    def _close(self, end: End | None, why: BaseException | None) -> None:
        with self._changed:
            if not self._is_over:
                self._is_over, self.end, self.broken = True, end, why
            self._changed.notify_all()
