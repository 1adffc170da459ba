"""Execute rooms that are broken on purpose: a sweep that does not catch them proves nothing.

Takes nothing, gives Rooms.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from director.execute import fold
from director.execute import front as executing
from director.execute.execution import Execution, RunResult
from director.model.environments.environment import Environment
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId, EnvironmentName, OwnerName, RunId
from director.model.tasks.entries import Begun, Done, Entry, Run
from director.model.tasks.task import TaskState
from director.ports.journal import Journal
from director.ports.state_store import Lease
from director.ports.world import World
from tests.support import worlds
from tests.support.flow import Rooms


@dataclass(slots=True)
class LateJournal:
    """A Journal that writes "begun" only when the call has ended."""

    inner: Journal
    _held: dict[ActionId, Begun] = field(default_factory=dict)

    def begin_run(self, lease: Lease, run: Run) -> Run:
        return self.inner.begin_run(lease, run)

    def append(self, lease: Lease, run: RunId, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, Begun):
                self._held[entry.action] = entry
        ended = [entry for entry in entries if not isinstance(entry, Begun)]
        if ended:
            begun = [self._held.pop(entry.action) for entry in ended]
            self.inner.append(lease, run, [*begun, *ended])

    def end_run(self, lease: Lease, run: RunId, *, state: TaskState, result: str, ended_at: float) -> None:
        self.inner.end_run(lease, run, state=state, result=result, ended_at=ended_at)

    def unfinished_run(self, environment: EnvironmentName, deployment: OwnerName) -> Run | None:
        return self.inner.unfinished_run(environment, deployment)

    def open_runs(self, environment: EnvironmentName) -> tuple[Run, ...]:
        return self.inner.open_runs(environment)

    def read_entries(self, run: RunId) -> tuple[Entry, ...]:
        return self.inner.read_entries(run)

    def read_done(self, environment: EnvironmentName, kind: str, *, after: int = 0) -> tuple[Done, ...]:
        return self.inner.read_done(environment, kind, after=after)

    def list_runs(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Run, ...]:
        return self.inner.list_runs(environment, deployment=deployment, limit=limit)

    def runs_of_task(self, task: int) -> tuple[Run, ...]:
        return self.inner.runs_of_task(task)

    def find_run(self, run: RunId) -> Run | None:
        return self.inner.find_run(run)

    def load_run(self, environment: EnvironmentName, number: int) -> Run | None:
        return self.inner.load_run(environment, number)


def _execute_before_journal(world: World, execution: Execution) -> RunResult:
    return executing.execute_plan(worlds.with_journal(world, LateJournal(world.journal)), execution)


def _settle_without_looking(
    world: World, run: Run, *, lease: Lease, state: DeploymentState, environment: Environment
) -> DeploymentState:
    entries = world.journal.read_entries(run.id)
    known = fold.fold_entries(fold.fold_records(state, run.plan), run.plan, entries)
    settled = world.store.save_deployment(lease, known)
    world.journal.end_run(lease, run.id, state=TaskState.ERROR, result="interrupted", ended_at=0.0)
    return settled


def _settle_without_folding(
    world: World, run: Run, *, lease: Lease, state: DeploymentState, environment: Environment
) -> DeploymentState:
    world.journal.end_run(lease, run.id, state=TaskState.ERROR, result="interrupted", ended_at=0.0)
    return state


JOURNAL_AFTER_CALL = Rooms(execute=_execute_before_journal)
NEVER_LOOKS = Rooms(settle=_settle_without_looking)
FORGETS_WHAT_WAS_DONE = Rooms(settle=_settle_without_folding)
