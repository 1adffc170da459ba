"""The use cases `plan` and `deploy`: a deployment made as its manifest says.

Takes a Session and a request, gives a Plan or how the run ended.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from director import errors
from director.app.checks import known_variables, preflight, pricing, release_content
from director.app.checks.preflight import QuotaOptions
from director.app.landing import jumpboxes
from director.app.sessions import compile_times, fingerprints, reading
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session, new_run_id
from director.app.tasks import reservations, running
from director.errors import InputError, WrongUseError
from director.execute import fold
from director.model.documents import Source
from director.model.environments.desired import Count, Desired
from director.model.environments.environment import JUMPBOX, Environment
from director.model.environments.state import DeploymentState
from director.model.ids import InstanceId
from director.model.report import Bill, CloudPlace, RunReport
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.observe import front as observing
from director.plan import front as planning
from director.plan.deciding import preflight_requests
from director.plan.request import InstanceRequest, PlanRequest
from director.ports.runner import Interrupted
from director.resolve import cross_cloud_links
from director.text import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployRequest:
    """A request to deploy. `command` is the command as typed, for the lock and the list of tasks.

    `regenerate` are variables to regenerate; with `is_of_bundle` they may be another deployment's. `is_examined` says
    that preflight has already run. `deployment` is the name that the manifest must have, "" for any.
    """

    files: ManifestFiles
    caller: Caller
    instance_requests: Mapping[str, InstanceRequest] = field(default_factory=dict)
    skip_drain: frozenset[str] = frozenset()
    canaries: Count | None = None
    max_in_flight: Count | None = None
    is_fix: bool = False
    quota_options: QuotaOptions = preflight.NO_QUOTA_OPTIONS
    is_examined: bool = False
    regenerate: frozenset[str] = frozenset()
    is_of_bundle: bool = False
    deployment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything known before the first call. `step` is the plan with the state it starts from."""

    desired: Desired
    plan: Plan
    step: preflight_requests.DeploymentStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What deploy would do, and what of it would last and cost."""

    plan: Plan
    bill: Bill
    clouds: tuple[CloudPlace, ...]


_ASKED_AT_MOST = 50
"""Larger deployments query only agents of changing instances (docs/decisions/which-agents-a-deploy-queries.md)."""

Confirm = Callable[[Plan], None]
"""Shows the plan and asks; raises to stop."""


def plan_deployment(session: Session, request: DeployRequest) -> Planned:
    """What deploy would do. Writes nothing at all. Raises what the clouds would refuse, too."""
    environment = fingerprints.known_environment(session)
    desired = _read(session, environment, request)
    state = session.world.store.load_deployment(environment.name, desired.deployment)
    state = state or DeploymentState(environment=environment.name, deployment=desired.deployment)
    prepared = _prepare(session, environment, request=request, desired=desired, state=state)
    try:
        bill = pricing.price_requests(session, preflight_requests.lasting_requests_of([prepared.step]))
    except Interrupted as error:
        raise errors.interrupted(request.caller.command) from error
    return Planned(plan=prepared.plan, bill=bill, clouds=fingerprints.places_of(session))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """`report` is None when nothing was to change."""

    name: str
    report: RunReport | None


def deploy(session: Session, request: DeployRequest, confirm: Confirm) -> Deployed:
    """Make it so. What runs is the plan that `confirm` was shown."""
    environment = fingerprints.known_environment(session)
    desired = _read(session, environment, request)
    _check_skipped(desired, request.skip_drain)
    with running.hold_deployment(session, environment, desired.deployment, caller=request.caller) as held:

        def attempt() -> Deployed:
            prepared = _prepare(session, environment, request=request, desired=desired, state=held.state)
            confirm(prepared.plan)
            return _carry_out(session, held, prepared)

        return reservations.again_while_taken(session, attempt)


def _carry_out(session: Session, held: running.HeldDeployment, prepared: Prepared) -> Deployed:
    desired = prepared.desired
    if prepared.plan.is_empty:
        _note_manifest(session, held, desired, plan=prepared.plan)
        return Deployed(name=desired.deployment, report=None)
    result = running.run_plan(session, held, prepared.plan)
    compile_times.save_compile_times(session, result.run)
    return Deployed(name=desired.deployment, report=running.report_run(result))


def _read(session: Session, environment: Environment, request: DeployRequest) -> Desired:
    desired = reading.read_desired(session, environment, request.files)
    if not request.is_of_bundle:
        known_variables.check_regenerated([desired], request.regenerate)
    if request.deployment not in ("", desired.deployment):
        raise WrongUseError(
            "deployment-contradicted",
            f"The manifest is for deployment '{desired.deployment}', but the command names '{request.deployment}'.",
            why=f"{request.files.manifest.name} sets `name`, and -d or COMPLEAT_DEPLOYMENT sets another.",
            fix="Leave -d out, or correct `name` in the manifest.",
        )
    return desired


def _check_skipped(desired: Desired, skipped: frozenset[str]) -> None:
    known = [group.name for group in desired.groups]
    unknown = sorted(name for name in skipped if name != "*" and name not in known)
    if unknown:
        near = nearest.nearest_word(unknown[0], known)
        raise InputError(
            "unknown-group",
            f"Deployment '{desired.deployment}' has no instance group '{unknown[0]}' to skip the drain of.",
            why=f"Its groups are: {', '.join(known) or 'none'}.",
            fix=f"Did you mean '{near}'?" if near else "Name one of them in --skip-drain, or * for all.",
        )


def saved_manifest(session: Session, name: str) -> ManifestFiles:
    """The manifest as it was last deployed. Raises InputError: deployment-missing, deployment-unfinished."""
    state = session.deployment(name)
    if not state.manifest:
        raise InputError(
            "deployment-unfinished",
            f"Deployment '{name}' has never been deployed completely.",
            why="Its first deploy failed or was interrupted, so no manifest is on record.",
            fix="Run the deploy again; it continues where it stopped.",
        )
    return ManifestFiles(manifest=Source(name=f"deployment {name}", content=state.manifest.encode()))


def _prepare(
    session: Session,
    environment: Environment,
    *,
    request: DeployRequest,
    desired: Desired,
    state: DeploymentState,
) -> Prepared:
    if desired.deployment != JUMPBOX:
        jumpboxes.require_jumpboxes(session, environment)
    asked = replace(
        plan_request(environment, request),
        compile_times_s=compile_times.load_compile_times(session),
        declared=known_variables.declared_before(desired, state),
    )
    world = session.world
    if request.is_fix or len(state.instances) <= _ASKED_AT_MOST:
        observed = observing.observe_world(world, environment, desired=desired, state=state)
    else:
        unasked = observing.observe_clouds(world, environment, desired=desired, state=state)
        touched = _touched(planning.make_plan(desired, unasked, asked))
        observed = observing.observe_agents(world, environment, observed=unasked, instances=touched)
    plan = planning.make_plan(desired, observed, asked)
    known_variables.report_outdated(session, desired, state=state, plan=plan)
    preflight.report_remarks(session, desired.remarks)
    preflight.report_cross_cloud_links(session, cross_cloud_links.links_across_clouds(desired))
    release_content.check_content(session, desired, plan)
    step = preflight_requests.DeploymentStep(plan=plan, state=state)
    if not request.is_examined:
        preflight.require_preflight(
            session, preflight_requests.preflight_requests_of([step]), request.quota_options, caller=request.caller
        )
    return Prepared(desired=desired, plan=plan, step=step)


def _touched(plan: Plan) -> frozenset[InstanceId]:
    """The instances a plan does something to."""
    named = (action.work.instance_id for action in plan.actions)
    return frozenset(InstanceId(str(instance)) for instance in named if instance is not None)


def plan_request(environment: Environment, request: DeployRequest) -> PlanRequest:
    """What the planner is asked, with a new run's id."""
    return PlanRequest(
        run=new_run_id(),
        ssh=environment.ssh,
        stemcells=environment.stemcells,
        instance_requests=request.instance_requests,
        skip_drain=request.skip_drain,
        canaries=request.canaries,
        max_in_flight=request.max_in_flight,
        is_fix=request.is_fix,
        regenerate=request.regenerate,
        can_resize_disks=True,
        storing=environment.storing,
    )


def _note_manifest(session: Session, held: running.HeldDeployment, desired: Desired, *, plan: Plan) -> None:
    """An empty plan changes nothing but, perhaps, the words of the manifest, and records that were not true."""
    truer = replace(fold.fold_records(held.state, plan), manifest=desired.manifest)
    if truer != held.state:
        session.world.store.save_deployment(held.lease, truer)
