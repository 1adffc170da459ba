"""The account with which a memory cloud is used: what it may do at all.

Takes an account and a call's name, raises what the cloud would. Each field is a switch of its own.
"""

from collections.abc import Iterator

from cpi.contract.errors import DeniedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from cpi.kit import judge

_CLOUD = "memory cloud"
_MOST_SKEW_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryAccount:
    """`credentials_days` is how long the credentials are valid, None: unlimited. `denied` are names of calls."""

    credentials_days: int | None = None
    is_suspended: bool = False
    is_registered: bool = True
    clock_skew_s: float = 0.0
    denied: frozenset[str] = frozenset()


def check_call(account: MemoryAccount, method: str) -> None:
    """Raises DeniedError: whatever stands against every call, or against this one."""
    found = [*account_refusals(account), *permission_refusals(account, frozenset({method}))]
    judge.require([one for one in found if one.is_fatal], DeniedError)


def account_refusals(account: MemoryAccount) -> Iterator[Finding]:
    """What stands against every call."""
    if account.credentials_days is not None:
        left_s = account.credentials_days * 86400.0
        yield from judge.expiry(left_s, cloud=_CLOUD, soon_s=judge.WEEK_S, fix="Create new credentials.")
    if account.is_suspended:
        yield judge.account("Suspended", cloud=_CLOUD, fix="Ask the cloud's support to open it.")
    if not account.is_registered:
        yield judge.unregistered("virtual machines", fix="Register it: `memory register compute`.")
    yield from judge.clock(account.clock_skew_s, cloud=_CLOUD, most_s=_MOST_SKEW_S, is_fatal=True)


def permission_refusals(account: MemoryAccount, methods: frozenset[str]) -> Iterator[Finding]:
    """Which of the calls may not be made."""
    for method in sorted(methods & account.denied):
        why, fix = "Its role does not grant it.", f"Grant it: `memory grant {method}`."
        yield from judge.permissions([method], who="The account", why=why, fix=fix)
