"""The use case `run-errand`: a job that runs once, on the instances that have it or on a VM of its own.

Takes a Session and a name, gives what the errand said.
"""

from director.actions.run_errand import RunErrand
from director.app.checks import release_content
from director.app.sessions import fingerprints, planned, reading, stock_images
from director.app.sessions.planned import Subject
from director.app.sessions.session import Session
from director.app.tasks import reservations, running
from director.app.use_cases import deploy as deploying
from director.app.use_cases import errand_output
from director.execute.execution import RunResult
from director.model.environments.desired import Desired
from director.model.ids import DeploymentName
from director.model.report import ErrandResult, Table
from director.model.tasks.caller import Caller
from director.plan import front as planning
from director.plan.acting.errands import errand_names
from director.plan.request import ErrandRequest


def list_errands(session: Session, deployment: str) -> Table:
    """Every errand of the deployment: errand groups, and jobs with bin/run."""
    desired = _desired(session, deployment)
    rows = tuple({"name": name} for name in errand_names(desired))
    return Table(name="errands", columns=("name",), rows=rows, empty="No errands.")


def run_errand(session: Session, deployment: str, *, errand: ErrandRequest, caller: Caller) -> tuple[ErrandResult, ...]:
    """Run it; what it said, instance by instance, nothing if it was skipped.

    Raises InputError: errand-unknown, errand-nowhere.
    """
    environment = fingerprints.known_environment(session)
    desired = _desired(session, deployment)
    with running.hold_deployment(session, environment, DeploymentName(deployment), caller=caller) as held:

        def attempt() -> tuple[ErrandResult, ...]:
            known = stock_images.with_known_stemcells(session, environment, desired)
            request = planned.plain_request(known)
            made = planned.observe_and_plan(
                session,
                environment,
                Subject(desired=desired, state=held.state),
                planner=lambda observed: planning.make_errand_plan(desired, observed, request, errand=errand),
            )
            if made.plan.is_empty:  # nothing changed since its last success
                return ()
            release_content.check_content(session, desired, made.plan)
            return _results(session, running.run_plan(session, held, made.plan))

        return reservations.again_while_taken(session, attempt)


def _desired(session: Session, deployment: str) -> Desired:
    return reading.read_desired(session, session.environment(), deploying.saved_manifest(session, deployment))


def _results(session: Session, result: RunResult) -> tuple[ErrandResult, ...]:
    ran = [action for action in result.run.plan.actions if isinstance(action.work, RunErrand)]
    return tuple(errand_output.read_result(session, result.run, each, result=result.results[each.id]) for each in ran)
