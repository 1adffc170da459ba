"""The errands of a bundle's deployment, as `up` runs them: not again while all is as it was at their last success.

Takes a Session and an errand's name, gives nothing; raises when the errand fails.
"""

from collections.abc import Iterator

from director.actions.put_file import PutFile
from director.actions.run_errand import RunErrand, RunErrandResult
from director.app.checks import preflight
from director.app.sessions.session import Session
from director.app.use_cases import errand as errands
from director.errors import ActionFailedError
from director.model.report import ErrandResult
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Run
from director.model.tasks.plan import Action
from director.model.tasks.task import TaskState
from director.plan.request import ErrandRequest
from director.report import time_words

_LOOKED_AT = 30
"""Runs; an errand that succeeded before them runs again."""


def run_errand(session: Session, deployment: str, *, errand: str, caller: Caller) -> None:
    """Run it, unless nothing of the environment was changed after its last success. Raises ActionFailedError."""
    succeeded = _succeeded_last(session, deployment, errand)
    if succeeded is not None:
        at = time_words.utc_text(succeeded.ended_at or succeeded.started_at)
        text = f"Errand '{errand}' not run: nothing has changed since it succeeded at {at}."
        preflight.report(session, kind="errand-up-to-date", subject=deployment, text=text)
        return
    results = errands.run_errand(session, deployment, errand=ErrandRequest(name=errand), caller=caller)
    for result in results:
        if result.exit_code:
            raise ActionFailedError(
                "errand-failed",
                f"Errand '{errand}' failed on {result.instance} with exit code {result.exit_code}.",
                why=_where_it_says(result),
                fix=f"Fix what it names, then run the same command; `compleat run-errand {errand}` runs it alone.",
                output=result.stdout.rstrip("\n") + "\n" + result.stderr,
            )


def _succeeded_last(session: Session, deployment: str, errand: str) -> Run | None:
    """The errand's last run, if it succeeded and no run of any deployment changed anything after it."""
    name, journal = session.settings.environment, session.world.journal
    for run in _with_plans(session):
        actions = run.plan.actions
        if all(isinstance(action.work, PutFile) for action in actions):  # each `up` puts the logins on the jumpbox
            continue
        ran = [action for action in actions if isinstance(action.work, RunErrand)]
        if not ran:
            return None
        if run.deployment == deployment and any(_is_of(action, errand) for action in ran):
            done = [one.result for one in journal.read_done(name, "run_errand", after=run.number - 1)]
            codes = [result.exit_code for result in done if isinstance(result, RunErrandResult)]
            return run if run.state is TaskState.DONE and len(codes) >= len(ran) and not any(codes) else None
    return None


def _with_plans(session: Session) -> Iterator[Run]:
    """The newest first."""
    name, journal = session.settings.environment, session.world.journal
    for run in journal.list_runs(name, limit=_LOOKED_AT):
        whole = journal.load_run(name, run.number)
        if whole is not None:
            yield whole


def _is_of(action: Action, errand: str) -> bool:
    """Whether it runs the errand, which is a job's name or a group's."""
    assert isinstance(action.work, RunErrand)
    return errand in (action.work.job, action.subject.rpartition("/")[0])


def _where_it_says(result: ErrandResult) -> str:
    kept = " and ".join(path for path in (result.stdout_path, result.stderr_path) if path)
    return f"Its last lines show why; the whole output is in {kept}." if kept else "Its last lines show why."
