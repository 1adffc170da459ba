"""The use case `up`: environment, jumpboxes, the bundle's deployments and errands, and a report of what was tried.

Takes a Session and a bundle, gives the report.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import PreflightRequest
from director import errors
from director.app.checks import known_variables, overviews, preflight, pricing
from director.app.checks.preflight import QuotaOptions
from director.app.landing import end_clocks, jumpboxes, landing_zones, login_key, logins
from director.app.sessions import ends, fingerprints, near_ends
from director.app.sessions.ends import EndOptions
from director.app.sessions.reading import ManifestFiles
from director.app.sessions.session import Session
from director.app.templates import outputs
from director.app.templates.template_request import TemplateRequest
from director.app.use_cases import (
    bundle_errands,
    bundle_files,
    bundle_preview,
    bundle_stemcells,
    fix,
    post_steps,
    template_steps,
)
from director.app.use_cases import deploy as deploying
from director.app.use_cases.bundle_preview import BundlePreview
from director.app.use_cases.deploy import Confirm, DeployRequest
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.app.use_cases.template_steps import TemplateDeployments
from director.model.costs import Overview
from director.model.environments.environment import Environment, EnvironmentEnd
from director.model.report import ReportLine, TemplateOutputLine, UpReport
from director.model.secret_ref import Property
from director.model.tasks.caller import Caller
from director.model.tasks.stored_plan import PlanOptions
from director.model.written.bundle import Bundle
from director.plan.deciding import preflight_requests
from director.plan.deciding.preflight_requests import DeploymentStep
from director.ports.runner import Interrupted
from director.report import time_words


@dataclass(frozen=True, slots=True, kw_only=True)
class UpRequest:
    """`bundle` is a folder with an index.yml, or the name of one that ships with us ("platform"); `template` takes its
    place, None without one.

    `max_cost` is what an hour of the environment may cost at most, None for any. `end` is when the environment ends by
    itself, beside what its file or its record says.
    """

    bundle: str
    caller: Caller
    values: Mapping[str, Property]
    template: TemplateRequest | None = None
    quota_options: QuotaOptions = preflight.NO_QUOTA_OPTIONS
    regenerate: frozenset[str] = frozenset()
    max_cost: Decimal | None = None
    end: EndOptions = ends.NO_END_OPTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What to deploy, in order; `index` has what is reported at the end, None for the way in alone."""

    session: Session
    deployments: tuple[RequestedDeployment, ...]
    index: Bundle | None
    template: TemplateDeployments | None = None


Agree = Callable[[Overview], None]
"""Shows what a new environment will have and cost, and may ask; raises to stop."""


def bring_up(session: Session, request: UpRequest, confirm: Confirm, *, agree: Agree) -> UpReport:
    """Create or update the environment, or continue after an interruption. `agree` is called before the first `up`.

    Raises Failures if a deploy or errand fails.
    """
    started_at = session.world.clock.now()
    fingerprints.report_clouds(session)
    fingerprints.require_same_clouds_and_report(session)
    login_key.require_login_key(session)
    wanted = _read(session, request)
    session = wanted.session
    saved = session.world.store.load_environment(session.settings.environment)
    is_new, end = saved is None, ends.wanted_end(session, saved, request.end)
    end_clocks.require_clock(session, end)
    overview = _examine(session, request, wanted.deployments, is_new=is_new, end=end)
    if overview is not None:
        agree(overview)
    _write_files(session)
    end_clocks.change_end(session, saved.end if saved else None, end)
    _set_end(session, end)
    if wanted.template is not None:
        template_steps.begin(wanted.template, request.caller)
    landing_zones.create_environment(session, caller=request.caller, end=end)
    bundle_stemcells.upload_stemcells(session, wanted.deployments, caller=request.caller)
    environment = _deploy_jumpboxes(session, request, confirm, is_examined=is_new)
    logins.write_ssh_files(session, environment)
    for requested in wanted.deployments:
        deployment = _deploy_request(requested.files, request, is_examined=is_new)
        name = deploying.deploy(session, deployment, confirm).name
        for errand in requested.errands:
            bundle_errands.run_errand(session, name, errand=errand, caller=request.caller)
    done = post_steps.run_steps(session, wanted.index) if wanted.index is not None else ()
    logins.write_ssh_keys(session, environment, caller=request.caller)
    if wanted.index is not None:
        logins.write_credentials(session, environment, wanted.index, caller=request.caller)
    lines = (*done, *logins.check_logins(session, environment, wanted.index), *_end_line(session))
    logins.report_lines(session, lines)
    return UpReport(
        environment=environment.name,
        lines=lines,
        outputs=_outputs(wanted, environment, request.caller),
        took_s=session.world.clock.now() - started_at,
        bill=overviews.present_bill(session),
        clouds=fingerprints.places_of(session),
    )


def _write_files(session: Session) -> None:
    """The environment's file, where a template describes it: every later command reads that, `down` too."""
    for path, text in session.planned_files.items():
        session.files.write_private(path, text)


def _set_end(session: Session, end: EnvironmentEnd | None) -> None:
    """Before anything is created: an `up` that is killed ends, too."""
    if end is None or end.at is None:
        return
    name = session.settings.environment
    kept = session.world.timers.set_timer(name, end.at)
    text = f"Environment '{name}' ends at {time_words.utc_text(end.at)}: {near_ends.clock_words(kept, end.clock)}."
    preflight.report(session, kind="environment-ends", subject=name, text=text)


def _end_line(session: Session) -> Iterator[ReportLine]:
    environment = session.environment()
    end, problem = environment.end, end_clocks.try_clock(session, environment)
    if end is not None and end.at is not None:
        yield ReportLine(name="ends", value=time_words.utc_text(end.at), problem=problem)


def requested_bundle(session: Session, request: UpRequest) -> tuple[RequestedDeployment, ...]:
    """The jumpboxes and the bundle's deployments, as `up` would make them."""
    return with_jumpboxes(session, request.values, _read(session, request).deployments, end=_planned_end(session))


def requested_manifest(session: Session, request: UpRequest, files: ManifestFiles) -> tuple[RequestedDeployment, ...]:
    """The jumpboxes and one deployment."""
    return with_jumpboxes(session, request.values, [RequestedDeployment(files=files)], end=_planned_end(session))


def _planned_end(session: Session) -> EnvironmentEnd | None:
    return ends.wanted_end(session, session.world.store.load_environment(session.settings.environment))


def with_jumpboxes(
    session: Session,
    values: Mapping[str, Property],
    requested: Sequence[RequestedDeployment],
    *,
    end: EnvironmentEnd | None = None,
) -> tuple[RequestedDeployment, ...]:
    """The same after the jumpboxes, where VMs are reached through some. `end` None is the recorded one."""
    if not jumpboxes.are_wanted(session):
        return tuple(requested)
    preview = bundle_preview.preview_environment(session)
    preview = replace(preview, end=end or preview.end)
    return (RequestedDeployment(files=jumpboxes.manifest_files(session, preview, values)), *requested)


def _read(session: Session, request: UpRequest) -> _Wanted:
    if request.template is None:
        index, deployments = bundle_files.read_bundle(session, request.bundle, request.values)
        return _Wanted(session=session, deployments=deployments, index=index.document)
    environment = bundle_preview.preview_environment(session)
    template = template_steps.read_template(session, environment, request.template)
    preflight.report_remarks(session, template.remarks)
    return _Wanted(
        session=template.session,
        deployments=template.requested,
        index=template.index.document if template.index else None,
        template=template,
    )


def _outputs(wanted: _Wanted, environment: Environment, caller: Caller) -> tuple[TemplateOutputLine, ...]:
    """The template's outputs, with what is known now; its resources are recorded as deployed."""
    if wanted.template is None:
        return ()
    template_steps.finish(wanted.template, caller)
    return outputs.deployed_outputs(wanted.template.translated, environment)


def _examine(
    session: Session,
    request: UpRequest,
    requested: Sequence[RequestedDeployment],
    *,
    is_new: bool,
    end: EnvironmentEnd | None,
) -> Overview | None:
    """Run preflight for the whole bundle and report its cost, before anything is created.

    What is in an environment that was begun is known only once an unfinished run is settled and the cloud was looked
    at: there each deployment asks about its own plan, and here only the bundle's words and the account are checked.
    There is no overview then.
    """
    everything = with_jumpboxes(session, request.values, requested, end=end)
    bundle_stemcells.check_stemcells(session, requested, caller=request.caller)
    if request.regenerate:
        wanted = bundle_preview.check(session, everything)
        known_variables.check_regenerated([each.desired for each in wanted], request.regenerate)
    if not is_new:
        bundle_preview.check(session, everything)
        asking = preflight.Asking(requests=preflight.account_requests(session))
        preflight.require_preflight(session, asking, request.quota_options, caller=request.caller)
        _require_images(session, request.caller)
        if request.max_cost is not None:
            preview = _preview(session, request, everything)
            overview = overviews.overview_of(session, preview.steps, is_whole=True)
            pricing.require_affordable(overviews.whole_bill(overview), request.max_cost)
        return None
    preview = _preview(session, request, everything)
    asked = preflight_requests.preflight_requests_of(preview.steps, unknown=preview.unknown)
    asking = preflight.Asking(requests=asked, places=preview.places, spent_s=preview.elapsed_s)
    quotas = preflight.require_preflight(session, asking, request.quota_options, caller=request.caller)
    overview = replace(overviews.overview_of(session, preview.steps, is_whole=True), quotas=quotas)
    preflight.report_bill(session, overview.bill)
    pricing.require_affordable(overview.bill, request.max_cost)
    return overview


def _require_images(session: Session, caller: Caller) -> None:
    """What a template's images are made of, while nothing of the template is made: no later check asks about them."""
    if not session.template_parts.images:
        return
    try:
        landing = bundle_preview.landing_plan(session, bundle_preview.preview_environment(session))
    except Interrupted as error:
        raise errors.interrupted(caller.command) from error
    asked = preflight_requests.preflight_requests_of([DeploymentStep(plan=landing)])
    images = {name: PreflightRequest(stemcells=one.stemcells) for name, one in asked.items() if one.stemcells}
    preflight.require_preflight(session, preflight.Asking(requests=images), caller=caller)


def _preview(session: Session, request: UpRequest, everything: Sequence[RequestedDeployment]) -> BundlePreview:
    try:
        return bundle_preview.preview_bundle(session, everything)
    except Interrupted as error:
        raise errors.interrupted(request.caller.command) from error


def _deploy_request(files: ManifestFiles, request: UpRequest, *, is_examined: bool) -> DeployRequest:
    return DeployRequest(
        files=files,
        caller=request.caller,
        quota_options=request.quota_options,
        options=PlanOptions(regenerate=request.regenerate),
        is_of_bundle=True,
        is_examined=is_examined,
    )


def _deploy_jumpboxes(session: Session, request: UpRequest, confirm: Confirm, *, is_examined: bool) -> Environment:
    if not jumpboxes.are_wanted(session):
        return session.environment()
    files = jumpboxes.manifest_files(session, session.environment(), request.values)
    return fix.deploy_jumpboxes(session, _deploy_request(files, request, is_examined=is_examined), confirm)
