"""What `up` of a bundle would do: the plans of all its deployments, and where its releases come from.

Takes a Session and a bundle's request, gives plans with their price. Writes nothing.
"""

from collections.abc import Sequence
from decimal import Decimal

from cpi.contract.value_classes import dataclass
from director import errors
from director.app.checks import overviews, preflight, pricing
from director.app.sessions import fingerprints, planned, reading
from director.app.sessions.planned import Subject
from director.app.sessions.session import Session
from director.app.use_cases import bundle_downloads, bundle_preview, up
from director.app.use_cases import deploy as deploying
from director.app.use_cases.deploy import DeployRequest
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.app.use_cases.up import UpRequest
from director.model.document_places import DocumentPlaces
from director.model.environments.environment import Environment
from director.model.report import Bill, CloudPlace, Table
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.plan.deciding import preflight_requests
from director.plan.deciding.preflight_requests import DeploymentStep
from director.ports.runner import Interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBundle:
    """`plans` are that of the environment itself, where it does something, and one for each deployment."""

    downloads: Table
    plans: tuple[Plan, ...]
    bill: Bill
    clouds: tuple[CloudPlace, ...]


def list_downloads(session: Session, request: UpRequest) -> Table:
    """Where the releases come from. Raises InputError and Problems: what is wrong with the index, and with YAML."""
    return bundle_downloads.list_downloads(session, up.requested_bundle(session, request))


def plan_bundle(session: Session, request: UpRequest, *, max_cost: Decimal | None = None) -> PlannedBundle:
    """Raises InputError and Problems: all that is wrong with the bundle, and what clouds would refuse.

    Releases are downloaded where their jobs are not known yet.
    """
    requested = up.requested_bundle(session, request)
    downloads = bundle_downloads.list_downloads(session, requested)
    steps, places = _plan_steps(session, requested, request.caller)
    unknown = frozenset(bundle_preview.placeholder_outputs_of(session).values())
    try:
        asked = preflight_requests.preflight_requests_of(steps, unknown=unknown)
        preflight.require_preflight(session, preflight.Asking(requests=asked, places=places), caller=request.caller)
    except Interrupted as error:
        raise errors.interrupted(request.caller.command) from error
    bill = overviews.overview_of(session, steps[1:], is_whole=False).bill
    pricing.require_affordable(bill, max_cost)
    landing = steps[0].plan
    return PlannedBundle(
        downloads=downloads,
        plans=tuple(step.plan for step in (steps[1:] if landing.is_empty else steps)),
        bill=bill,
        clouds=fingerprints.places_of(session),
    )


def _plan_steps(
    session: Session, requested: Sequence[RequestedDeployment], caller: Caller
) -> tuple[tuple[DeploymentStep, ...], DocumentPlaces]:
    """The plan of the environment itself, then that of each deployment, as each would be made now."""
    environment = bundle_preview.preview_environment(session, requested)
    if session.world.store.load_environment(environment.name) is None:
        preview = bundle_preview.preview_bundle(session, requested)
        return preview.steps, preview.places
    places = bundle_preview.places_of(bundle_preview.check(session, requested))
    landing = bundle_preview.landing_plan(session, environment)
    steps = (step_of(session, environment, one, caller=caller) for one in requested)
    return (DeploymentStep(plan=landing), *steps), places


def step_of(session: Session, environment: Environment, one: RequestedDeployment, *, caller: Caller) -> DeploymentStep:
    """The plan of one deployment, as it would be made now."""
    request = DeployRequest(files=one.files, caller=caller)
    desired = reading.read_desired(session, environment, request.files)
    session.world.renderer.prepare(job for group in desired.groups for job in group.jobs)
    state = planned.known_state(session, environment, desired.deployment)
    return deploying.plan(session, environment, request, subject=Subject(desired=desired, state=state)).step
