"""The use case `cloud-check`: a deployment's problems, and their resolutions as one plan.

Takes a Session and what chooses a resolution for each problem, gives the problems and how the run ended.
Source: cloudfoundry/bosh jobs/cloud_check/scan.rb, jobs/cloud_check/apply_resolutions.rb.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.app.checks import release_content
from director.app.sessions import fingerprints, planned, reading, stock_images
from director.app.sessions.planned import Subject
from director.app.sessions.session import Session
from director.app.tasks import reservations, running
from director.app.use_cases import deploy as deploying
from director.app.use_cases.deploy import Confirm
from director.errors import InputError
from director.model.environments.cloud_problem import (
    ChosenResolution,
    CloudProblem,
    ProblemType,
    Resolution,
)
from director.model.environments.desired import Desired
from director.model.environments.environment import Environment
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName, InstanceId
from director.model.report import RunReport
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.model.tasks.task import TaskState
from director.observe import front as observing
from director.plan import front as planning
from director.text import nearest

Choose = Callable[[Sequence[CloudProblem]], Sequence[ChosenResolution]]
"""Says what is to be done about each problem; raises to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudChecked:
    """`chosen` has a resolution for each problem found; `report` is None when nothing was done."""

    deployment: str
    chosen: Sequence[ChosenResolution]
    report: RunReport | None


def list_problems(session: Session, name: str) -> tuple[CloudProblem, ...]:
    """The deployment's problems. Writes nothing. Raises InputError, code `deployment-missing`."""
    environment = fingerprints.known_environment(session)
    return _scan(session, environment, session.deployment(name))


def resolve_problems(session: Session, name: str, *, caller: Caller, choose: Choose, confirm: Confirm) -> CloudChecked:
    """Find the problems, have a resolution chosen for each, and carry out what was chosen.

    A problem that has gone by then is passed over. Raises InputError, code `deployment-missing`; where an instance is
    to be updated `deployment-unfinished`, and what a deploy raises.
    """
    environment = fingerprints.known_environment(session)
    session.deployment(name)
    with running.hold_deployment(session, environment, DeploymentName(name), caller=caller) as held:
        chosen = choose(_scan(session, environment, held.state))
        is_updating = planning.needs_desired(chosen)
        desired = _deployed(session, environment, name) if is_updating else None

        def attempt() -> RunReport | None:
            plan = _plan(session, environment, Subject(desired=desired, state=held.state), chosen=chosen)
            if plan.is_empty:
                return None
            confirm(plan)
            return running.report_run(running.run_plan(session, held, plan))

        report = reservations.again_while_taken(session, attempt) if chosen else None
    return CloudChecked(deployment=name, chosen=chosen, report=report)


def delete_vm(session: Session, cid: str, *, caller: Caller, confirm: Confirm) -> RunReport:
    """Delete the VM of an instance without stopping its jobs; its disks stay. Raises InputError, code `vm-unknown`."""
    environment = fingerprints.known_environment(session)
    owners = {
        str(record.vm.cid): (state.deployment, record)
        for state in session.world.store.list_deployments(environment.name)
        for record in state.instances
        if record.vm
    }
    if cid not in owners:
        near = nearest.nearest_word(cid, owners)
        raise InputError(
            "vm-unknown",
            f"No instance has VM '{cid}'.",
            why=f"The instances of the environment have {len(owners)} VMs.",
            fix=f"Did you mean '{near}'?" if near else "`compleat vms` lists them.",
        )
    deployment, record = owners[cid]
    problem = CloudProblem(
        type=ProblemType.UNRESPONSIVE_AGENT, instance=record.id, name=record.name, description="", vm_cid=cid
    )
    chosen = [ChosenResolution(problem=problem, resolution=Resolution.DELETE_VM)]
    with running.hold_deployment(session, environment, deployment, caller=caller) as held:
        observed = observing.observe_clouds(session.world, environment, desired=None, state=held.state)
        request = planned.plain_request(environment)
        plan = planning.make_resolution_plan(None, observed, request, chosen=chosen)
        confirm(plan)
        return running.report_run(running.run_plan(session, held, plan))


def _scan(session: Session, environment: Environment, state: DeploymentState) -> tuple[CloudProblem, ...]:
    observed = observing.observe_world(session.world, environment, desired=None, state=state)
    return planning.scan_problems(observed, resumed=_resumed(session, state))


def _plan(session: Session, environment: Environment, subject: Subject, *, chosen: Sequence[ChosenResolution]) -> Plan:
    desired = subject.desired
    known = stock_images.with_known_stemcells(session, environment, desired) if desired else environment
    request = replace(planned.plain_request(known), compile_times_s=session.world.store.load_compile_times())

    def planner(observed: Observed) -> Plan:
        now = {(each.type, each.instance, each.disk_cid) for each in planning.scan_problems(observed)}
        left = [each for each in chosen if (each.problem.type, each.problem.instance, each.problem.disk_cid) in now]
        return planning.make_resolution_plan(desired, observed, request, chosen=left)

    plan = planned.observe_and_plan(session, environment, subject, planner=planner).plan
    if desired:
        release_content.check_content(session, desired, plan)
    return plan


def _deployed(session: Session, environment: Environment, name: str) -> Desired:
    """The deployment as it was last deployed."""
    return reading.read_desired(session, environment, deploying.saved_manifest(session, name))


def _resumed(session: Session, state: DeploymentState) -> frozenset[InstanceId]:
    """The instances whose resolution was interrupted or failed, if nothing else was done since."""
    newest = session.world.journal.list_runs(state.environment, deployment=state.deployment, limit=1)
    if not newest or newest[0].state is TaskState.DONE:
        return frozenset()
    run = session.world.journal.load_run(state.environment, newest[0].number)
    return planning.resolved_instances(run.plan) if run else frozenset()
