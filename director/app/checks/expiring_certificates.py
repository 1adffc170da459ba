"""Certificates that end soon, as remarks and findings.

Takes a Session and names, reports which of them end within 30, 7 or 1 days.
"""

from collections.abc import Iterable, Iterator, Mapping

from cpi.contract.values import Finding
from director.actions.make_secret import MakeSecret
from director.app.checks import preflight
from director.app.sessions.session import Session
from director.model.environments.desired import Desired
from director.model.report import CloudFinding
from director.model.tasks.plan import Plan
from director.report import time_words

DAY_S = 86400.0
_WARNED_DAYS = (1, 7, 30)


def report_expiring(session: Session, desired: Desired, plan: Plan) -> None:
    """A remark for each certificate of a deployment that ends soon and that the plan does not renew."""
    renewed = {action.work.variable.name for action in plan.actions if isinstance(action.work, MakeSecret)}
    made = frozenset(each.name for each in desired.variables if each.type == "certificate")
    names = sorted((made | desired.given_cas.keys()) - renewed)
    for name, text in _texts(session, names).items():
        fix = _fix(session, name, is_made=name in made)
        preflight.report(session, kind="certificate-expiring", subject=name, text=f"{text} {fix}")


def expiring_findings(session: Session) -> Iterator[CloudFinding]:
    """A finding for each certificate of the environment that ends soon."""
    environment = session.settings.environment
    names = session.world.vault.list_secrets(f"/{environment}/")
    made = {name for state in session.world.store.list_deployments(environment) for name in state.secrets}
    for name, text in _texts(session, names).items():
        finding = Finding(
            code="certificate-expiring",
            what=text,
            why="",
            fix=_fix(session, name, is_made=name in made),
            is_fatal=False,
        )
        yield CloudFinding(cloud=None, finding=finding)


def _texts(session: Session, names: Iterable[str]) -> Mapping[str, str]:
    now = session.world.clock.now()
    ends = {name: facts.ends_at for name, facts in session.world.vault.describe_certificates(names).items()}
    words = {name: _words(ends_at, now) for name, ends_at in sorted(ends.items(), key=lambda each: each[1])}
    return {name: f"Certificate '{name}' {text}." for name, text in words.items() if text}


def _words(ends_at: float, now: float) -> str:
    """How soon it ends; "" for one that is far from its end."""
    at = time_words.utc_text(ends_at)
    if ends_at <= now:
        return f"expired at {at}"
    days = next((each for each in _WARNED_DAYS if ends_at <= now + each * DAY_S), 0)
    return f"expires within {days} day{'' if days == 1 else 's'}, at {at}" if days else ""


def _fix(session: Session, name: str, *, is_made: bool) -> str:
    if not is_made:
        return "It was given: give another one in the same way, and deploy."
    environment = session.settings.environment
    option = "" if environment == "local" else f" -e {environment}"
    return f"`compleat rotate{option} {name}` renews it."
