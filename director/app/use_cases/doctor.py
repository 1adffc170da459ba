"""The use case `doctor`: everything that can be known before the first create.

Takes a Session, gives findings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from director import errors
from director.app.checks import expiring_certificates, overviews, preflight, quota
from director.app.checks.preflight import QuotaOptions
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.app.use_cases import bundle_preview
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.model import cloud_names
from director.model.report import Bill, CloudFinding, CloudLogin, Table
from director.model.tasks.caller import Caller
from director.plan.deciding import preflight_requests
from director.ports.runner import Interrupted


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What the clouds said, and what it would cost."""

    findings: tuple[CloudFinding, ...]
    bill: Bill = field(default_factory=Bill)
    logins: tuple[CloudLogin, ...] = ()


def examine(
    session: Session,
    requested: Sequence[RequestedDeployment] = (),
    *,
    quota_options: QuotaOptions = preflight.NO_QUOTA_OPTIONS,
    caller: Caller,
) -> Diagnosis:
    """Ask every cloud about its account, and about what the deployments would make there.

    Raises InputError and Problems of the bundle; ExplainedError, code `interrupted`.
    """
    try:
        fingerprints.require_same_clouds_and_report(session)
        asked, bill, spent_s = dict(preflight.account_requests(session)), Bill(), 0.0
        places = preflight.places_of(session)
        if requested:
            preview = bundle_preview.preview_bundle(session, requested)
            places = preflight.places_of(session, preview.places)
            asked.update(preflight_requests.preflight_requests_of(preview.steps, unknown=preview.unknown))
            began = session.world.clock.now()
            bill = overviews.overview_of(session, preview.steps, is_whole=True).bill
            spent_s = preview.elapsed_s + session.world.clock.now() - began
        findings = preflight.ask_clouds(session, asked, spent_s=spent_s)
        if quota_options.is_requesting:
            findings = quota.file_requests(session, findings)
        if quota_options.wait_s:
            findings = quota.wait_for_quota(
                session, findings, lambda: preflight.ask_clouds(session, asked), limit_s=quota_options.wait_s
            )
    except Interrupted as error:
        raise errors.interrupted(caller.command) from error
    all_findings = (
        *_damaged_files(session),
        *expiring_certificates.expiring_findings(session),
        *preflight.environment_findings(session),
        *findings,
    )
    return Diagnosis(
        findings=tuple(replace(each, where=places.place_of(each.finding)) for each in all_findings),
        bill=bill,
        logins=tuple(_logins(session)),
    )


def _logins(session: Session) -> Iterator[CloudLogin]:
    """By which way compleat signs in to each cloud, where one needs that."""
    for name, cloud in session.world.clouds.items():
        words = cloud.identity.describe_login() if cloud.identity else ""
        if words:
            yield CloudLogin(cloud=name, plugin=cloud.name, words=words)


def _damaged_files(session: Session) -> tuple[CloudFinding, ...]:
    return tuple(
        CloudFinding(
            cloud=None,
            finding=Finding(
                code="secret-file-damaged",
                what=f"A file of the vault is damaged: {path}.",
                why="Its content differs from what compleat wrote, so the secret in it cannot be identified.",
                fix="Put that file back from a backup. Without one, move it away; the next deploy reports which secret "
                "is lost, which instances use it, and how to regenerate it.",
            ),
        )
        for path in session.world.vault.damaged_files()
    )


def remarks_table(findings: Sequence[CloudFinding]) -> Table:
    """Findings that forbid nothing, as rows; without the column `cloud` if it is empty in every row."""
    rows = [
        {
            "cloud": cloud_names.shown_name(each.cloud),
            "code": each.finding.code,
            "what": f"{each.finding.what} ({each.where})" if each.where else each.finding.what,
            "fix": each.finding.fix,
        }
        for each in findings
        if not each.finding.is_fatal
    ]
    kept = [name for name in ("cloud", "code", "what", "fix") if name != "cloud" or any(row[name] for row in rows)]
    return Table(
        name="findings",
        columns=tuple(kept),
        rows=tuple({name: row[name] for name in kept} for row in rows),
        empty="No problems found.",
    )
