"""Tasks in memory: what is written survives the process, being alive does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from director.model.ids import DeploymentName, EnvironmentName, OwnerName
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task, TaskState


@dataclass(slots=True)
class TasksDisk:
    """What is on disk, and who lives."""

    tasks: dict[int, Task] = field(default_factory=dict)
    alive: set[int] = field(default_factory=set)


class MemoryTasks:
    """Implements Tasks."""

    def __init__(self, disk: TasksDisk | None = None) -> None:
        self.disk = disk or TasksDisk()

    @contextmanager
    def begin_task(self, task: Task) -> Iterator[Task]:
        begun = replace(task, number=len(self.disk.tasks) + 1, state=TaskState.PROCESSING)
        self.disk.tasks[begun.number] = begun
        self.disk.alive.add(begun.number)
        try:
            yield begun
        finally:
            self.disk.alive.discard(begun.number)

    def note_deployment(self, number: int, deployment: DeploymentName) -> None:
        task = self.disk.tasks.get(number)
        if task and deployment not in task.deployments:
            self.disk.tasks[number] = replace(task, deployments=(*task.deployments, deployment))

    def request_cancel(self, number: int, caller: Caller) -> bool:
        task = self.disk.tasks.get(number)
        if task is None or task.state.is_over:
            return False
        self.disk.tasks[number] = replace(task, state=TaskState.CANCELLING, canceller=task.canceller or caller)
        return True

    def is_cancelling(self, number: int) -> bool:
        task = self.disk.tasks.get(number)
        return task is not None and task.state is TaskState.CANCELLING

    def end_task(self, number: int, *, state: TaskState, result: str, ended_at: float) -> None:
        task = self.disk.tasks.get(number)
        if task and not task.state.is_over:
            self.disk.tasks[number] = replace(task, state=state, result=result, ended_at=ended_at)

    def is_alive(self, number: int) -> bool:
        return number in self.disk.alive

    def open_tasks(self, environment: EnvironmentName) -> tuple[Task, ...]:
        return tuple(
            task for task in self.disk.tasks.values() if task.environment == environment and not task.state.is_over
        )

    def list_tasks(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Task, ...]:
        tasks = [task for task in reversed(self.disk.tasks.values()) if task.environment == environment]
        return tuple(task for task in tasks if deployment is None or deployment in task.deployments)[:limit]

    def load_task(self, environment: EnvironmentName, number: int) -> Task | None:
        task = self.disk.tasks.get(number)
        return task if task and task.environment == environment else None
