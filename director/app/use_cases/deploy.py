"""The use case `deploy`: a deployment made as its manifest says.

Takes a Session and a request, gives how the run ended.
"""

from collections.abc import Callable, Mapping
from dataclasses import field, replace
from decimal import Decimal

from cpi.contract.value_classes import dataclass
from director.app.checks import expiring_certificates, known_variables, overviews, preflight, pricing, release_content
from director.app.checks.preflight import QuotaOptions
from director.app.landing import jumpboxes
from director.app.sessions import compile_times, deployments, fingerprints, planned, reading, stock_images
from director.app.sessions.planned import Look, ObservedPlan, Subject
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.tasks import reservations, running
from director.errors import InputError, WrongUseError
from director.execute import fold
from director.model.ca_transition import SecretChange
from director.model.costs import QuotasLeft
from director.model.documents import Source
from director.model.environments.desired import Desired
from director.model.environments.environment import JUMPBOX, Environment
from director.model.ids import RunId
from director.model.report import RunReport
from director.model.tasks.caller import Caller
from director.model.tasks.plan import ManifestDifference, Plan
from director.model.tasks.stored_plan import PlanOptions
from director.plan import front as planning
from director.plan.deciding import link_consumers, preflight_requests
from director.plan.request import InstanceRequest, PlanRequest
from director.resolve import cross_cloud_links
from director.text import manifest_differences, nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployRequest:
    """A request to deploy. `command` is the command as typed, for the lock and the list of tasks.

    With `is_of_bundle` the variables to regenerate may be another deployment's. `is_examined` says that preflight
    has already run. `deployment` is the name that the manifest must have, None for any. `max_cost` is what an hour of
    the deployment may cost at most, None for any. `secret_changes` are steps of a rotation, by whole names.
    """

    files: ManifestFiles
    caller: Caller
    instance_requests: Mapping[str, InstanceRequest] = field(default_factory=dict)
    options: PlanOptions = field(default_factory=PlanOptions)
    is_fix: bool = False
    is_recreating: bool = False
    """Recreate the VM of every instance, as if that were requested of each group."""

    quota_options: QuotaOptions = preflight.NO_QUOTA_OPTIONS
    is_examined: bool = False
    is_of_bundle: bool = False
    deployment: str | None = None
    max_cost: Decimal | None = None
    secret_changes: Mapping[str, SecretChange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """Everything known before the first call: what is wanted, and the plan with what it was made from."""

    desired: Desired
    made: ObservedPlan

    @property
    def plan(self) -> Plan:
        """What would be done."""
        return self.made.plan

    @property
    def step(self) -> preflight_requests.DeploymentStep:
        """The plan with the state that it starts from."""
        return preflight_requests.DeploymentStep(plan=self.plan, state=self.made.observed.state)


Confirm = Callable[[Plan], None]
"""Shows the plan and asks; raises to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """`report` is None when nothing was to change; `stopped` names then the instances that a user stopped."""

    name: str
    report: RunReport | None
    stopped: tuple[str, ...] = ()


def deploy(session: Session, request: DeployRequest, confirm: Confirm) -> Deployed:
    """Make it so. What runs is the plan that `confirm` was shown."""
    environment = fingerprints.known_environment(session)
    desired = read(session, environment, request)
    with running.hold_deployment(session, environment, desired.deployment, caller=request.caller) as held:

        def attempt() -> Deployed:
            prepared = plan(session, environment, request, subject=Subject(desired=desired, state=held.state))
            examine(session, prepared, request)
            require_affordable(session, prepared, request)
            confirm(prepared.plan)
            reading.store_given_cas(session, environment, request.files, desired=desired)
            return carry_out(session, held, prepared)

        return reservations.again_while_taken(session, attempt)


def carry_out(
    session: Session, held: running.HeldDeployment, prepared: Prepared, *, stored_plan: int | None = None
) -> Deployed:
    """Do what was planned; `stored_plan` is the number of the plan that this applies."""
    desired = prepared.desired
    if prepared.plan.is_empty:
        _note_manifest(session, held, desired, plan=prepared.plan)
        return Deployed(name=desired.deployment, report=None, stopped=prepared.plan.stopped)
    result = running.run_plan(session, held, prepared.plan, stored_plan=stored_plan)
    compile_times.save_compile_times(session, result.run)
    return Deployed(name=desired.deployment, report=running.report_run(result))


def read(session: Session, environment: Environment, request: DeployRequest) -> Desired:
    """The manifest and all it names, with the options beside it checked. Raises InputError and Problems."""
    desired = reading.read_desired(session, environment, request.files)
    check_options(desired, request)
    return desired


def check_options(desired: Desired, request: DeployRequest) -> None:
    """Check the options beside the manifest. Raises InputError: unknown-variable, unknown-group; WrongUseError."""
    if not request.is_of_bundle:
        known_variables.check_regenerated([desired], request.options.regenerate)
    if request.deployment is not None and request.deployment != desired.deployment:
        raise WrongUseError(
            "deployment-contradicted",
            f"The manifest is for deployment '{desired.deployment}', but the command names '{request.deployment}'.",
            why=f"{request.files.manifest.name} sets `name`, and -d or COMPLEAT_DEPLOYMENT sets another.",
            fix="Leave -d out, or correct `name` in the manifest.",
        )
    _check_skipped(desired, request.options.skip_drain)


def saved_manifest(session: Session, name: str) -> ManifestFiles:
    """The manifest as it was last deployed. Raises InputError: deployment-missing, deployment-unfinished."""
    text = deployments.require_manifest(session.deployment(name))
    manifest = Source(name=f"deployment {name}", content=text.encode())
    return ManifestFiles(manifest=manifest, is_saved=True)


def plan(
    session: Session, environment: Environment, request: DeployRequest, *, subject: Subject, run: RunId | None = None
) -> Prepared:
    """Look at the deployment and plan it. `run` is that of a stored plan, which is made again: with its own hints."""
    desired, state = subject.desired, subject.state
    assert desired is not None, "a deploy wants something"
    if desired.deployment != JUMPBOX:
        jumpboxes.require_jumpboxes(session, environment)
    asked = replace(
        _plan_request(stock_images.with_known_stemcells(session, environment, desired), request, desired=desired),
        declared=known_variables.declared_before(desired, state),
    )
    if run is None:
        asked = replace(asked, compile_times_s=session.world.store.load_compile_times())
    else:
        asked = replace(asked, run=run)
    made = planned.observe_and_plan(
        session,
        environment,
        replace(subject, look=Look.WORLD if request.is_fix else Look.CHANGING),
        planner=lambda observed: planning.make_plan(desired, observed, asked),
    )
    differences = _differences(made)
    return Prepared(desired=desired, made=replace(made, plan=replace(made.plan, differences=differences)))


def _differences(made: ObservedPlan) -> tuple[ManifestDifference, ...]:
    """What of the manifest changed since the last successful deploy; nothing before the first or in an empty plan."""
    before, after = made.observed.state.manifest, made.plan.manifest
    if made.plan.is_empty or not (before and after):
        return ()
    return manifest_differences.text_differences(before, after)


def examine(session: Session, prepared: Prepared, request: DeployRequest) -> QuotasLeft:
    """Say what is worth knowing of the plan, and refuse what agents and clouds would refuse. Raises Problems.

    Gives what the plan leaves of quotas.
    """
    desired, made = prepared.desired, prepared.made
    known_variables.report_outdated(session, desired, state=made.observed.state, plan=made.plan)
    expiring_certificates.report_expiring(session, desired, made.plan)
    preflight.report_remarks(session, desired.remarks)
    preflight.report_cross_cloud_links(session, cross_cloud_links.links_across_clouds(desired))
    others = session.world.store.list_deployments(session.settings.environment)
    outdated = link_consumers.outdated_consumers(desired.links, made.observed.state, made.plan, others=others)
    preflight.report_link_consumers(session, outdated)
    release_content.check_content(session, desired, made.plan)
    if request.is_examined:
        return {}
    asked = preflight_requests.preflight_requests_of([prepared.step])
    asking = preflight.Asking(requests=asked, places=desired.places)
    return preflight.require_preflight(session, asking, request.quota_options, caller=request.caller)


def require_affordable(session: Session, prepared: Prepared, request: DeployRequest) -> None:
    """Refuse a deployment above the request's limit. Raises InputError: cost-above-limit, cost-unknown."""
    if request.max_cost is None:
        return
    overview = overviews.overview_of(session, [prepared.step], is_whole=False)
    pricing.require_affordable(overview.bill, request.max_cost)


def _check_skipped(desired: Desired, skipped: frozenset[str]) -> None:
    known = [group.name for group in desired.groups]
    unknown = sorted(name for name in skipped if name != "*" and name not in known)
    if unknown:
        near = nearest.nearest_word(unknown[0], known)
        raise InputError(
            "unknown-group",
            f"Deployment '{desired.deployment}' has no instance group '{unknown[0]}' to skip the drain of.",
            why=f"Its groups are: {', '.join(known) or 'none'}.",
            fix=f"Did you mean '{near}'?"
            if near
            else "Name one of them with --skip-drain=GROUP; --skip-drain means all.",
        )


def _plan_request(environment: Environment, request: DeployRequest, *, desired: Desired) -> PlanRequest:
    recreated = [str(group.name) for group in desired.groups] if request.is_recreating else []
    asked = {**dict.fromkeys(recreated, InstanceRequest.RECREATE), **request.instance_requests}
    plain = planned.with_options(planned.plain_request(environment), request.options)
    return replace(
        plain,
        instance_requests=asked,
        is_fix=request.is_fix,
        secret_changes=request.secret_changes,
    )


def _note_manifest(session: Session, held: running.HeldDeployment, desired: Desired, *, plan: Plan) -> None:
    """An empty plan changes nothing but, perhaps, the words of the manifest, and records that were not true."""
    truer = replace(
        fold.fold_records(held.state, plan),
        manifest=desired.manifest,
        links=desired.links,
        packages=desired.packages_by_release(),
    )
    if truer != held.state:
        session.world.store.save_deployment(held.lease, truer)
