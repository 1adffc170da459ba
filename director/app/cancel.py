"""The use case `cancel-task`: an interrupted run closed by hand, when a cloud cannot say what became of it.

Takes a Session and a number, gives the run.
"""

from director.app.session import Session
from director.errors import InputError
from director.execute import resume
from director.model.caller import Caller
from director.model.entries import Run


def cancel_task(session: Session, number: int, *, caller: Caller) -> Run:
    """Close an open run without looking. Raises InputError: task-missing, task-ended; LockedError while it runs."""
    journal, environment = session.world.journal, session.settings.environment
    run = journal.load_run(environment, number)
    if run is None:
        raise InputError("task-missing", f"There is no task {number}.", fix="`compleat tasks` lists them.")
    if run.state != "processing":
        raise InputError("task-ended", f"Task {number} has ended: {run.state}.", fix="There is nothing left to cancel.")
    with session.world.store.hold_lease(environment, run.deployment, caller=caller) as lease:
        ended_at = resume.last_sign_of_life(run, journal.read_entries(run.id))
        journal.end_run(lease, run.id, state="cancelled", result="cancelled by hand", ended_at=ended_at)
    return run
