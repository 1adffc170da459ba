"""The journal of runs: what began, how it ended.

Takes and gives values of director.model.tasks.entries.
"""

from collections.abc import Sequence
from typing import Protocol

from director.model.ids import EnvironmentName, OwnerName, RunId
from director.model.tasks.entries import Done, Entry, Run
from director.model.tasks.task import TaskState
from director.ports.state_store import Lease


class Journal(Protocol):
    """Safe to call from many threads. Each method returns once what it wrote is on disk."""

    def begin_run(self, lease: Lease, run: Run) -> Run:
        """Write the run and its whole plan down; gives it with its number."""

    def append(self, lease: Lease, run: RunId, entries: Sequence[Entry]) -> None:
        """Write entries, all or none. Raises StateError: `lease-lost`, `disk-full`."""

    def end_run(self, lease: Lease, run: RunId, *, state: TaskState, result: str, ended_at: float) -> None:
        """The run is over: done, error or cancelled. `ended_at` is when its work ended, before a settling."""

    def unfinished_run(self, environment: EnvironmentName, deployment: OwnerName) -> Run | None:
        """The run that a crash left open, or None."""

    def open_runs(self, environment: EnvironmentName) -> tuple[Run, ...]:
        """All runs of the environment that have no end, with their plans: under way, or left open by a crash."""

    def read_entries(self, run: RunId) -> tuple[Entry, ...]:
        """All entries in the order written; a torn last one is not among them."""

    def read_done(self, environment: EnvironmentName, kind: str, *, after: int = 0) -> tuple[Done, ...]:
        """What was done of one kind of work in the environment's runs with a number above `after`, in that order."""

    def list_runs(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Run, ...]:
        """The newest first, without their plans; of one deployment if it is named."""

    def runs_of_task(self, task: int) -> tuple[Run, ...]:
        """The task's runs, oldest first, without their plans."""

    def find_run(self, run: RunId) -> Run | None:
        """The run of that id, without its plan, or None."""

    def load_run(self, environment: EnvironmentName, number: int) -> Run | None:
        """One run with its plan, or None."""
