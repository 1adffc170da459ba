"""A Watcher that remembers."""

from dataclasses import dataclass, field

from director.model.tasks.events import Event


@dataclass(slots=True)
class ListWatcher:
    events: list[Event] = field(default_factory=list)

    def report(self, event: Event) -> None:
        self.events.append(event)

    def tick(self) -> None:
        """Nothing to show."""
