"""The use case `cancel-task`: stops a task that runs, and closes one that was interrupted.

Takes a Session and a number, gives the task.
"""

from collections.abc import Callable
from dataclasses import replace

from director.app.sessions.session import Session
from director.app.tasks import tasks
from director.errors import InputError
from director.execute import resume
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Run
from director.model.tasks.task import Task, TaskState

_BY_HAND = "cancelled by hand"


def cancel_task(session: Session, number: int, *, caller: Caller, confirm: Callable[[str], None]) -> Task:
    """Ask the process that works on it to stop, or close its open runs without looking. `confirm` is shown which.

    The task is cancelling, or cancelled. Raises InputError: task-missing, task-ended.
    """
    world, environment = session.world, session.settings.environment
    task = world.tasks.load_task(environment, number)
    if task is None:
        raise InputError("task-missing", f"Task {number} does not exist.", fix="`compleat tasks` lists them.")
    if world.tasks.is_alive(number):
        confirm(f"Task {number}, '{task.caller.command}', starts nothing new and stops. The same command continues it.")
        if world.tasks.request_cancel(number, caller):
            return replace(task, state=TaskState.CANCELLING)
    runs = tuple(filter(tasks.is_open, world.journal.runs_of_task(number)))
    if not runs:
        _require_open(session, task)
    confirm(f"Task {number} will be marked as cancelled, whatever the outcome of its calls.")
    ended_at = max((_close(session, run, caller=caller) for run in runs), default=task.caller.at)
    world.tasks.end_task(number, state=TaskState.CANCELLED, result=_BY_HAND, ended_at=ended_at)
    return replace(task, state=TaskState.CANCELLED)


def _require_open(session: Session, task: Task) -> None:
    """Raise InputError, code `task-ended`; it may have ended during the question."""
    known = session.world.tasks.load_task(task.environment, task.number) or task
    if known.state.is_over:
        raise InputError(
            "task-ended", f"Task {task.number} has ended: {known.state.value}.", fix="No cancellable work is left."
        )


def _close(session: Session, run: Run, *, caller: Caller) -> float:
    """Close the run; gives when its work ended."""
    world = session.world
    with world.store.hold_lease(run.environment, run.deployment, caller=caller) as lease:
        ended_at = resume.last_sign_of_life(run, world.journal.read_entries(run.id))
        world.journal.end_run(lease, run.id, state=TaskState.CANCELLED, result=_BY_HAND, ended_at=ended_at)
    return ended_at
