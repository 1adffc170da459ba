"""What happens in a task, written to its log and shown from there: the terminal follows the log as anyone else may.

Takes events as they happen, gives them to the watcher once they are recorded.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from director.errors import StateError
from director.model.tasks.events import Event, Happening
from director.ports.clock import Clock
from director.ports.events import EventLog

_PASSING = frozenset({Happening.PROGRESS, Happening.WAITING})
"""Of these only the last of each action counts: what was written since the last look."""
_HELD_S = 1.0
"""So long they are held back, whatever else happens: no action has more than one of them on record in that time."""
_LONGEST = 1000
"""Characters of an event's text that are kept."""


class EventStream:
    """A Watcher. `pump` is called again and again by one thread, and by any other that wants to see all at once.

    What cannot be written down is shown all the same: a full disk stops the work by the journal, not by this.
    """

    def __init__(self, log: EventLog, task: int, *, show: Callable[[Event], None], clock: Clock) -> None:
        self._log = log
        self._task = task
        self._show = show
        self._clock = clock
        self._reported: deque[Event] = deque()
        self._lock = threading.Lock()
        self._passing: dict[tuple[str, str], Event] = {}
        self._passed_at = clock.now()
        self._cursor = 0

    def report(self, event: Event) -> None:
        """Take note of it; the next pump writes it down."""
        self._reported.append(event)

    def pump(self, *, is_last: bool = False) -> None:
        """Append the reported events to the log, then show what the log has since the last time."""
        with self._lock:
            batch = self._batch(is_last=is_last)
            if batch:
                for event in self._recorded(batch):
                    self._show(event)

    def _batch(self, *, is_last: bool) -> list[Event]:
        """What is to be written now, in order; progress is held back for a while."""
        batch: list[Event] = []
        while self._reported:
            event = _cut(self._reported.popleft())
            key = (event.subject, event.kind)
            if event.happening in _PASSING:
                self._passing[key] = event
            else:
                if event.happening in {Happening.FINISHED, Happening.FAILED}:
                    self._passing.pop(key, None)
                batch.append(event)
        now = self._clock.now()
        if self._passing and (is_last or now - self._passed_at >= _HELD_S):
            batch.extend(self._passing.values())
            self._passing.clear()
            self._passed_at = now
        return batch

    def _recorded(self, batch: list[Event]) -> tuple[Event, ...]:
        try:
            self._log.append_events(self._task, batch)
            page = self._log.events_after(self._task, self._cursor)
        except StateError:
            return tuple(batch)
        self._cursor = page.cursor
        return page.events


def _cut(event: Event) -> Event:
    return event if len(event.text) <= _LONGEST else replace(event, text=event.text[:_LONGEST])
