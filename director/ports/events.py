"""What happens in tasks, in the order in which it happened: only ever added to, read by a cursor.

Takes and gives values of director.model.tasks.events.
"""

from collections.abc import Sequence
from typing import Protocol

from director.model.tasks.events import Event, EventPage


class EventLog(Protocol):
    """Safe to call from many threads and processes."""

    def append_events(self, task: int, events: Sequence[Event]) -> None:
        """Write the events down, all or none. Raises StateError: disk-full, state-locked."""

    def events_after(self, task: int, cursor: int) -> EventPage:
        """The events of the task's log after the cursor, 0 for all of them, and the next cursor.

        A reader that continues from the next cursor gets every event once, also those that another process appends
        meanwhile.
        """
