"""Receives the events of a run."""

from typing import Protocol

from director.model.tasks.events import Event


class Watcher(Protocol):
    def report(self, event: Event) -> None:
        """Take note of it; returns at once and raises nothing. Called from many threads."""
