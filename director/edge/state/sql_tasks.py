"""The Tasks port for real: tasks in SQLite, and a file lock for each that is worked on.

Takes and gives values of director.model.tasks.task.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

from director.edge.machine import atomic_files, file_locks
from director.edge.state import sql_database, sql_documents
from director.edge.state.sql_database import Database, Row
from director.model import as_data
from director.model.ids import DeploymentName, EnvironmentName, OwnerName
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task, TaskState

_STATES = ", ".join(f"'{state.value}'" for state in TaskState if not state.is_over)
_OPEN = f"SELECT number, document FROM tasks WHERE environment = ? AND state IN ({_STATES}) ORDER BY number"  # noqa: S608
_LISTED = "SELECT number, document FROM tasks WHERE environment = :environment ORDER BY number DESC"
_ONE = "SELECT number, environment, document FROM tasks WHERE number = :number"
_UPDATE = "UPDATE tasks SET environment = :environment, state = :state, document = :document WHERE number = :number"


class SqlTasks:
    """The lock's file is there while the task is worked on; the kernel frees the lock of a process that dies."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder

    @contextmanager
    def begin_task(self, task: Task) -> Iterator[Task]:
        """The lock is held before the task is visible, so no other process takes it for a dead one."""
        with ExitStack() as held:
            with self._database.transaction() as connection:
                begun = replace(task, number=sql_database.insert(connection, "tasks", _row(task)))
                lock = held.enter_context(atomic_files.open_lock(self._lock_path(begun.number)))
                file_locks.wait(lock)
            held.callback(self._lock_path(begun.number).unlink, missing_ok=True)
            yield begun

    def note_deployment(self, number: int, deployment: DeploymentName) -> None:
        """The task is about this deployment, too."""
        self._change(number, lambda task: replace(task, deployments=_with(task.deployments, deployment)))

    def request_cancel(self, number: int, caller: Caller) -> bool:
        """The task is cancelling from now on; one that is over stays as it is."""
        changed = self._change(
            number,
            lambda task: (
                task
                if task.state.is_over
                else replace(task, state=TaskState.CANCELLING, canceller=task.canceller or caller)
            ),
        )
        return changed is not None and changed.state is TaskState.CANCELLING

    def is_cancelling(self, number: int) -> bool:
        """Whether its cancellation is requested: reads one column of one row."""
        with self._database.reading() as connection:
            state = sql_database.first_value(connection, "SELECT state FROM tasks WHERE number = :n", {"n": number})
        return state == TaskState.CANCELLING.value

    def end_task(self, number: int, *, state: TaskState, result: str, ended_at: float) -> None:
        """The task is over; the lock's file of a process that died goes with it."""
        self._change(
            number,
            lambda task: task if task.state.is_over else replace(task, state=state, result=result, ended_at=ended_at),
        )
        self._lock_path(number).unlink(missing_ok=True)

    def is_alive(self, number: int) -> bool:
        """A shared lock is refused while a living process has the task."""
        try:
            with self._lock_path(number).open("rb") as lock:
                return not file_locks.is_taken(lock, is_shared=True)
        except FileNotFoundError:
            return False

    def open_tasks(self, environment: EnvironmentName) -> tuple[Task, ...]:
        """Those that are not over, oldest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_OPEN, (environment,)).fetchall()
        return tuple(self._task(row) for row in rows)

    def list_tasks(
        self, environment: EnvironmentName, *, deployment: OwnerName | None = None, limit: int = 30
    ) -> tuple[Task, ...]:
        """The newest first."""
        with self._database.reading() as connection:
            tasks = (self._task(row) for row in connection.execute(_LISTED, {"environment": environment}))
            wanted = (task for task in tasks if deployment is None or deployment in task.deployments)
            return tuple(islice(wanted, limit))

    def load_task(self, environment: EnvironmentName, number: int) -> Task | None:
        """One task, or None."""
        with self._database.reading() as connection:
            row = connection.execute(_ONE, {"number": number}).fetchone()
        return self._task(row) if row and row["environment"] == environment else None

    def _change(self, number: int, change: Callable[[Task], Task]) -> Task | None:
        with self._database.transaction() as connection:
            row = connection.execute(_ONE, {"number": number}).fetchone()
            if row is None:
                return None
            changed = change(self._task(row))
            connection.execute(_UPDATE, {**_row(changed), "number": number})
            return changed

    def _task(self, row: Row) -> Task:
        number = int(str(row["number"]))
        task = sql_documents.read_value(Task, str(row["document"]), self._database.path, whose=f"task {number}")
        return replace(task, number=number)

    def _lock_path(self, number: int) -> Path:
        return self._folder / f"{number}.lock"


def _row(task: Task) -> dict[str, object]:
    return {
        "environment": task.environment,
        "state": task.state.value,
        "document": json.dumps(as_data.encode(replace(task, number=0))),
    }


def _with(deployments: tuple[DeploymentName, ...], one: DeploymentName) -> tuple[DeploymentName, ...]:
    return deployments if one in deployments else (*deployments, one)
