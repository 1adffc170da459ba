"""The use case `plan`: what a deploy would do, shown, and stored on request.

Takes a Session and a deploy's request, gives the plan with its price.
"""

from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director import errors
from director.app.checks import overviews, preflight, pricing
from director.app.sessions import fingerprints, landing_specs, planned, reading
from director.app.sessions.planned import Subject
from director.app.sessions.session import Session
from director.app.use_cases import bundle_preview
from director.app.use_cases import deploy as deploying
from director.app.use_cases.deploy import DeployRequest, Prepared
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.model.costs import Overview
from director.model.environments.environment import Environment
from director.model.report import CloudPlace
from director.model.tasks.plan import Plan
from director.model.tasks.stored_plan import StoredPlan
from director.plan.deciding import basis, preflight_requests
from director.ports.runner import Interrupted
from director.resolve import cross_cloud_links


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What deploy would do, and what is there afterwards. `stored` is the plan as it was stored, if it was."""

    plan: Plan
    overview: Overview
    clouds: tuple[CloudPlace, ...]
    stored: StoredPlan | None = None


def plan_deployment(session: Session, request: DeployRequest, *, is_storing: bool = False) -> Planned:
    """What deploy would do. Writes nothing but the plan that is to be stored. Raises what clouds would refuse, too.

    Before the environment's first `up` it is the plan that a deploy would have after it.
    """
    if session.world.store.load_environment(session.settings.environment) is None and not is_storing:
        return _plan_before_up(session, request)
    environment = fingerprints.known_environment(session)
    desired = deploying.read(session, environment, request)
    if is_storing:
        compile_times_s = session.world.store.load_compile_times()
        request = replace(request, options=replace(request.options, compile_times_s=compile_times_s))
        desired = reading.without_places(desired)
    session.world.renderer.prepare(job for group in desired.groups for job in group.jobs)
    state = planned.known_state(session, environment, desired.deployment)
    prepared = deploying.plan(session, environment, request, subject=Subject(desired=desired, state=state))
    quotas = deploying.examine(session, prepared, request)
    overview = replace(overviews.overview_of(session, [prepared.step], is_whole=False), quotas=quotas)
    pricing.require_affordable(overview.bill, request.max_cost)
    stored = _store(session, environment, request, prepared=prepared) if is_storing else None
    return Planned(plan=prepared.plan, overview=overview, clouds=fingerprints.places_of(session), stored=stored)


def _plan_before_up(session: Session, request: DeployRequest) -> Planned:
    """The deployment in the environment as `up` would build it, with placeholders for its public addresses."""
    requested = RequestedDeployment(files=request.files, options=request.options)
    try:
        preview = bundle_preview.preview_bundle(session, (requested,))
    except Interrupted as error:
        raise errors.interrupted(request.caller.command) from error
    desired = preview.deployments[-1].desired
    deploying.check_options(desired, request)
    name = session.settings.environment
    spec = [landing_specs.landing_spec(session, cloud) for cloud in session.world.clouds]
    placeholders = "; public addresses are placeholders" if any(each.public_names for each in spec) else ""
    text = f"Environment '{name}' does not exist yet{placeholders}. `compleat up` creates it."
    preflight.report(session, kind="environment-not-created", subject=name, text=text)
    preflight.report_remarks(session, desired.remarks)
    preflight.report_cross_cloud_links(session, cross_cloud_links.links_across_clouds(desired))
    asked = preflight_requests.preflight_requests_of(preview.steps, unknown=preview.unknown)
    asking = preflight.Asking(requests=asked, places=preview.places, spent_s=preview.elapsed_s)
    quotas = preflight.require_preflight(session, asking, request.quota_options, caller=request.caller)
    last = preview.steps[-1]
    overview = replace(overviews.overview_of(session, [last], is_whole=False), quotas=quotas)
    pricing.require_affordable(overview.bill, request.max_cost)
    return Planned(plan=last.plan, overview=overview, clouds=fingerprints.places_of(session))


def _store(session: Session, environment: Environment, request: DeployRequest, *, prepared: Prepared) -> StoredPlan:
    configs = reading.read_configs(session, environment, request.files)
    stored = StoredPlan(
        caller=request.caller,
        plan=prepared.plan,
        options=request.options,
        basis=basis.basis_of(environment, prepared.desired, prepared.made.observed, configs=configs),
        values=reading.values_read_again(session, request.files, prepared.desired),
    )
    return session.world.plans.save_plan(stored)
