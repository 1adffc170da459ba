"""Tasks: each request, the process that works on it, and its result.

Takes and gives values of director.model.tasks.task.
"""

from contextlib import AbstractContextManager
from typing import Protocol

from director.model.ids import DeploymentName, EnvironmentName, OwnerName
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task, TaskState


class Tasks(Protocol):
    """Safe to call from many threads and processes. Each method returns once what it wrote is on disk."""

    def begin_task(self, task: Task) -> AbstractContextManager[Task]:
        """Write the task down as processing; gives it with its number. Within it is alive, and the kernel ends that
        with the process. At exit the state stays what it was last set to.
        """

    def note_deployment(self, number: int, deployment: DeploymentName) -> None:
        """The task is about this deployment, too; twice is once."""

    def request_cancel(self, number: int, caller: Caller) -> bool:
        """The task is cancelling from now on, for this caller; the first to request it stays its canceller.

        Gives whether it is: one that is over stays as it is.
        """

    def is_cancelling(self, number: int) -> bool:
        """Whether its cancellation is requested. Cheap: the process that works on the task calls it once a second."""

    def end_task(self, number: int, *, state: TaskState, result: str, ended_at: float) -> None:
        """The task is over. One that was over before stays as it is."""

    def is_alive(self, number: int) -> bool:
        """Whether a living process works on the task. Asking changes nothing."""

    def open_tasks(self, environment: EnvironmentName) -> tuple[Task, ...]:
        """Those that are not over, oldest first: worked on, or left by a process that died."""

    def list_tasks(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Task, ...]:
        """The newest first; of one deployment if it is named."""

    def load_task(self, environment: EnvironmentName, number: int) -> Task | None:
        """One task, or None."""
