"""An EventLog in memory: a cursor counts what was written."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from director.model.tasks.events import Event, EventPage


@dataclass(slots=True)
class MemoryEvents:
    """Implements EventLog. `written` are the events of each append, with their task."""

    written: list[tuple[int, tuple[Event, ...]]] = field(default_factory=list)

    def append_events(self, task: int, events: Sequence[Event]) -> None:
        if events:
            self.written.append((task, tuple(events)))

    def events_after(self, task: int, cursor: int) -> EventPage:
        after = enumerate(self.written[cursor:], cursor + 1)
        found = [(number, events) for number, (of, events) in after if of == task]
        events = tuple(event for _, each in found for event in each)
        return EventPage(events=events, cursor=found[-1][0] if found else cursor)
