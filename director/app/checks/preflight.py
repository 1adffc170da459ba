"""Preflight: query all clouds in parallel before the first create and report all findings together.

Takes a Session and the planned requests of each cloud, gives findings, or raises those that forbid the command.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.value_classes import dataclass
from cpi.contract.values import QUOTA_LEFT, Finding, PreflightRequest
from director import errors
from director.app.checks import direct_vms, quota
from director.app.sessions import environment_checks, environment_places
from director.app.sessions.session import Session
from director.errors import raise_all
from director.model import cloud_names, document_places
from director.model.costs import QuotasLeft
from director.model.document_places import NO_PLACES, DocumentPlaces
from director.model.documents import Remark
from director.model.refused import RefusedError
from director.model.report import Bill, CloudFinding, CrossCloudLink
from director.model.tasks.caller import Caller
from director.model.tasks.events import Event, Happening
from director.observe import queries
from director.ports.runner import Interrupted
from director.report import bill_text

PlannedRequests = Mapping[str, PreflightRequest]


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaOptions:
    """What to do about quotas that are too low: file requests, and wait until they are granted."""

    is_requesting: bool = False
    wait_s: float = 0.0


NO_QUOTA_OPTIONS = QuotaOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What to ask of clouds. `places` are those of the documents that it comes from.

    `spent_s` of the allowed time have already passed.
    """

    requests: PlannedRequests
    places: DocumentPlaces = NO_PLACES
    spent_s: float = 0.0


def require_preflight(
    session: Session, asking: Asking, quota_options: QuotaOptions = NO_QUOTA_OPTIONS, *, caller: Caller
) -> QuotasLeft:
    """Check the planned requests; gives what is left of quotas. Remarks go to the watcher.

    Raises RefusedError or Problems: nothing was created; ExplainedError, code `interrupted`.
    """
    requests = asking.requests
    if not requests:
        return {}
    places = places_of(session, asking.places)
    asked = {name: replace(one, lists_quotas=True) for name, one in requests.items()}
    try:
        answers = ask_clouds(session, asked, spent_s=asking.spent_s)
        findings = tuple(each for each in answers if each.finding.code != QUOTA_LEFT)
        _remark(session, (*environment_findings(session), *findings), places)
        if quota_options.is_requesting:
            findings = quota.file_requests(session, findings)
        if quota_options.wait_s and quota.is_only_quota(findings):
            ask: Callable[[], tuple[CloudFinding, ...]] = partial(ask_clouds, session, requests)
            findings = quota.wait_for_quota(session, findings, ask, limit_s=quota_options.wait_s)
    except Interrupted as error:
        raise errors.interrupted(caller.command) from error
    refuse(findings, places)
    return _quotas_left(requests, answers)


def places_of(session: Session, documents: DocumentPlaces = NO_PLACES) -> DocumentPlaces:
    """The places of documents, those of a template before, those of the environment's file after them."""
    own = environment_places.environment_places(session.written, session.cpi_config)
    known = document_places.joined((session.template_places, documents, own))
    return known.with_names(session.template_parts.source_places)


def ask_clouds(session: Session, requests: PlannedRequests, *, spent_s: float = 0.0) -> tuple[CloudFinding, ...]:
    """Query every named cloud that has a preflight. Raises Interrupted."""
    questions = {
        name: partial(cloud.preflight.preflight, direct_vms.with_direct_vms(session, requests[name]))
        for name, cloud in sorted(session.world.clouds.items())
        if cloud.preflight and name in requests
    }
    limit_s = session.file.preflight_limit_s
    answers = queries.ask_within(session.world.runner, questions, limit_s=limit_s - spent_s)
    found = [
        _findings_of(name, session.world.clouds[name], answer, limit_s=limit_s) for name, answer in answers.items()
    ]
    routes = direct_vms.route_findings(session, requests)
    return tuple(dict.fromkeys((*routes, *(finding for findings_ in found for finding in findings_))))


def environment_findings(session: Session) -> tuple[CloudFinding, ...]:
    """Settings of the environment's file that have no effect, and jumpboxes without one."""
    has_landing = {
        name: cloud.landing is not None and cloud.has_landing_zone for name, cloud in session.world.clouds.items()
    }
    found = environment_checks.remarks(session.file, session.settings.environment, has_landing=has_landing)
    unused = (
        *found,
        *environment_checks.cpi_remarks(session.cpi_config),
        *direct_vms.unused_jumpboxes(session),
    )
    return tuple(CloudFinding(cloud=None, finding=finding) for finding in unused)


def account_requests(session: Session) -> PlannedRequests:
    """Requests that check only each account."""
    return dict.fromkeys(session.world.clouds, PreflightRequest())


def refuse(findings: Sequence[CloudFinding], places: DocumentPlaces = NO_PLACES) -> None:
    """Raise all findings that forbid the command, together."""
    raise_all(
        [
            RefusedError(
                each.finding,
                each.request,
                cloud=each.cloud,
                plugin=each.plugin,
                where=each.where or places.place_of(each.finding),
            )
            for each in findings
            if each.finding.is_fatal
        ]
    )


def _findings_of(
    name: str, cloud: ConnectedCloud, answer: queries.Query[tuple[Finding, ...]], *, limit_s: float
) -> tuple[CloudFinding, ...]:
    if answer.error:
        findings: Sequence[Finding] = (Finding.of(answer.error),)
    elif not answer.answers:
        findings = (_silent(cloud_names.shown_name(name) or cloud.name, limit_s),)
    else:
        findings = answer.answers[-1]
    return tuple(CloudFinding(cloud=name, finding=finding, plugin=cloud.name) for finding in findings)


def _quotas_left(requests: PlannedRequests, findings: Sequence[CloudFinding]) -> QuotasLeft:
    """Of each cloud that creates something; empty where none of its limits is known."""
    left = [(each.cloud, each.finding.quota) for each in findings if each.finding.code == QUOTA_LEFT]
    return {
        name: tuple(quota for cloud, quota in left if cloud == name and quota is not None)
        for name, request in requests.items()
        if request.vms or request.disks or request.landing
    }


def _silent(name: str, limit_s: float) -> Finding:
    return Finding(
        code="cloud-silent",
        what=f"The cloud '{name}' did not answer in time.",
        why=f"Its preflight check returned no result within {limit_s:.0f} s.",
        fix="Check the network, a proxy, and the cloud's status page; then run the same command again. "
        "If the cloud is slow, set a longer preflight_limit_s in the environment's file.",
    )


def report_remarks(session: Session, remarks: Sequence[Remark]) -> None:
    """Settings of the documents that have no effect."""
    for one in remarks:
        text = f"{one.text} ({one.where})" if one.where else one.text
        report(session, kind=one.code, subject=session.settings.environment, text=text)


def report_cross_cloud_links(session: Session, links: Sequence[CrossCloudLink]) -> None:
    """Links between clouds, which work only where the operator's own network joins them."""
    for one in links:
        way = f"from cloud '{one.from_cloud}' to {one.provider} on '{one.to_cloud}'"
        text = f"Link '{one.link}' of {one.consumer} goes {way}: your own network must connect them."
        report(session, kind="link-between-clouds", subject=one.from_cloud, text=text)


def report_link_consumers(session: Session, consumers: Mapping[str, Sequence[str]]) -> None:
    """Deployments that have the old content of links until they are deployed again."""
    for deployment, aliases in sorted(consumers.items()):
        links = f"link{'' if len(aliases) == 1 else 's'} {', '.join(map(repr, aliases))}"
        text = f"Deployment '{deployment}' consumes {links} and keeps the old content until it is deployed again."
        report(session, kind="link-consumer-outdated", subject=deployment, text=text)


def report_bill(session: Session, bill: Bill) -> None:
    """Report the cost; nothing if no cloud has prices."""
    for line in bill_text.bill_lines(bill):
        report(session, kind="cost", subject=session.settings.environment, text=line)
    for currency, hourly in bill_text.hourly_sums(bill).items():
        at = session.world.clock.now()
        session.world.watcher.report(Event(at=at, happening=Happening.PRICE, subject=currency, text=str(hourly)))


def _remark(session: Session, findings: Sequence[CloudFinding], places: DocumentPlaces) -> None:
    """What is worth knowing and forbids nothing."""
    for each in findings:
        if not each.finding.is_fatal:
            where = places.place_of(each.finding)
            text = f"{each.finding.what} {each.finding.fix}".strip() + (f" ({where})" if where else "")
            report(
                session,
                kind=each.finding.code,
                subject=cloud_names.shown_name(each.cloud) or session.settings.environment,
                text=text,
            )


def report(session: Session, *, kind: str, subject: str, text: str) -> None:
    """Tell a remark."""
    event = Event(
        at=session.world.clock.now(),
        happening=Happening.REMARK,
        stage="Preflight",
        subject=subject,
        kind=kind,
        text=text,
    )
    session.world.watcher.report(event)
