"""Limits that are too low: requests filed with the cloud, and the wait until they are granted.

Takes findings that carry a QuotaNeed, gives them with what was asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from cpi.contract.cloud import Preflight
from cpi.contract.errors import NotSupportedError
from cpi.contract.values import QuotaNeed
from director.app.sessions.session import Session
from director.model.report import CloudFinding
from director.model.tasks.events import Event, Happening
from director.observe import queries
from director.ports.runner import answered
from director.report import quota_text

_FILING_S = 30.0
_FIRST_S = 5.0
_LONGEST_S = 120.0

Findings = tuple[CloudFinding, ...]


def is_only_quota(findings: Sequence[CloudFinding]) -> bool:
    """Whether a higher quota would resolve every fatal finding; False if there is none."""
    fatal = [each.finding for each in findings if each.finding.is_fatal]
    return bool(fatal) and all(finding.quota for finding in fatal)


def file_requests(session: Session, findings: Findings) -> Findings:
    """File one request for each need; gives the findings with its id, or the text to send. Raises Interrupted."""
    needs = {
        f"{each.cloud}/{each.finding.quota.name}/{each.finding.quota.region}": (each.cloud, each.finding.quota)
        for each in findings
        if each.finding.quota and each.cloud is not None
    }
    questions = {
        key: partial(_file, preflight, need)
        for key, (cloud, need) in needs.items()
        if (preflight := session.world.clouds[cloud].preflight)
    }
    answers = queries.ask_within(session.world.runner, questions, limit_s=_FILING_S)
    answered = {needs[key]: _answer_text(answer, needs[key][1]) for key, answer in answers.items()}
    return tuple(
        replace(each, request=answered.get((each.cloud, each.finding.quota), ""))
        if each.finding.quota and each.cloud is not None
        else each
        for each in findings
    )


def wait_for_quota(session: Session, findings: Findings, ask: Callable[[], Findings], *, limit_s: float) -> Findings:
    """Ask again, ever more seldom, until limits no longer forbid it or the time is over; gives the last findings.

    Raises Interrupted.
    """
    runner = session.world.runner
    until, pause_s = runner.now() + limit_s, _FIRST_S
    requests = {_key(each): each.request for each in findings if each.request}
    while is_only_quota(findings) and runner.now() < until:
        _report(session, findings, left_s=until - runner.now())
        wake = min(until, runner.now() + pause_s)
        while runner.now() < wake:
            for _ in answered(runner.wait(wake)):
                continue  # a late answer is ignored; an exception is raised
        pause_s = min(_LONGEST_S, pause_s * 2)
        findings = tuple(replace(each, request=requests.get(_key(each), "")) for each in ask())
    return findings


def _file(preflight: Preflight, need: QuotaNeed) -> str:
    try:
        return f"filed as {preflight.request_quota(need)}"
    except NotSupportedError:
        return quota_text.request_text(need)


def _answer_text(answer: queries.Query[str], need: QuotaNeed) -> str:
    if answer.error:
        return f"could not be submitted ({answer.error}); {quota_text.request_text(need)}"
    return answer.answers[-1] if answer.answers else f"not answered in time; {quota_text.request_text(need)}"


def _key(each: CloudFinding) -> tuple[str | None, str, str]:
    need = each.finding.quota
    return (each.cloud, need.name, need.region) if need else (each.cloud, each.finding.code, "")


def _report(session: Session, findings: Sequence[CloudFinding], *, left_s: float) -> None:
    needs = [each.finding.quota for each in findings if each.finding.quota]
    session.world.watcher.report(
        Event(
            at=session.world.clock.now(),
            happening=Happening.WAITING,
            stage="Preflight",
            subject="quota",
            kind="wait",
            text=f"{quota_text.describe_need(needs[0])}; for {left_s / 60:.0f} min at most",
        )
    )
