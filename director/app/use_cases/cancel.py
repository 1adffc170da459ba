"""The use case `cancel-task`: an interrupted task closed by hand, when a cloud cannot say what became of it.

Takes a Session and a number, gives the task.
"""

from dataclasses import replace

from director.app.sessions.session import Session
from director.app.tasks import tasks
from director.errors import InputError, LockedError
from director.execute import resume
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Run
from director.model.tasks.task import Task, TaskState

_BY_HAND = "cancelled by hand"


def cancel_task(session: Session, number: int, *, caller: Caller) -> Task:
    """Close its open runs without looking. Raises InputError: task-missing, task-ended; LockedError while it runs."""
    world, environment = session.world, session.settings.environment
    task = world.tasks.load_task(environment, number)
    if task is None:
        raise InputError("task-missing", f"Task {number} does not exist.", fix="`compleat tasks` lists them.")
    runs = tuple(filter(tasks.is_open, world.journal.runs_of_task(number)))
    if task.state.is_over and not runs:
        raise InputError(
            "task-ended", f"Task {number} has ended: {task.state.value}.", fix="No cancellable work is left."
        )
    if world.tasks.is_alive(number):
        raise LockedError(
            "task-running",
            f"Task {number} is being worked on.",
            why=f"{task.caller.who} runs '{task.caller.command}'.",
            fix="Stop it with Ctrl-C where it runs, or wait for it to end.",
        )
    ended_at = max((_close(session, run, caller=caller) for run in runs), default=task.caller.at)
    world.tasks.end_task(number, state=TaskState.CANCELLED, result=_BY_HAND, ended_at=ended_at)
    return replace(task, state=TaskState.CANCELLED)


def _close(session: Session, run: Run, *, caller: Caller) -> float:
    """Close the run; gives when its work ended."""
    world = session.world
    with world.store.hold_lease(run.environment, run.deployment, caller=caller) as lease:
        ended_at = resume.last_sign_of_life(run, world.journal.read_entries(run.id))
        world.journal.end_run(lease, run.id, state=TaskState.CANCELLED, result=_BY_HAND, ended_at=ended_at)
    return ended_at
