"""A request to cancel a task, seen by the process that works on it: within a second, and once.

Takes the Tasks port and a task's number, calls what interrupts the work.
"""

from collections.abc import Callable

from director.errors import StateError
from director.ports.clock import Clock
from director.ports.tasks import Tasks

_EVERY_S = 1.0
"""Between looks: each reads one row. docs/reference/tasks.md promises that a task stops within 2 seconds."""


class CancelWatch:
    """Used by one thread, which calls `look` again and again beside the work."""

    def __init__(self, tasks: Tasks, number: int, *, interrupt: Callable[[], object], clock: Clock) -> None:
        self._tasks = tasks
        self._number = number
        self._interrupt = interrupt
        self._clock = clock
        self._looked_at = clock.now()
        self._is_seen = False

    def look(self) -> None:
        """Interrupt the work if that is requested. A store that cannot be read now is read at the next look."""
        now = self._clock.now()
        if self._is_seen or now - self._looked_at < _EVERY_S:
            return
        self._looked_at = now
        try:
            self._is_seen = self._tasks.is_cancelling(self._number)
        except StateError:
            return
        if self._is_seen:
            self._interrupt()
