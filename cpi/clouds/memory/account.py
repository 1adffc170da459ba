"""The account with which a memory cloud is used: what it may do at all.

Takes an account and a call's name, raises what the cloud would. Each field is a switch of its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cpi.contract.errors import CloudError, DeniedError

_SOON_DAYS = 7
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
    for refusal in (*account_refusals(account), *permission_refusals(account, frozenset({method}))):
        raise refusal


def account_refusals(account: MemoryAccount) -> Iterator[CloudError]:
    """What stands against every call."""
    if account.credentials_days is not None and account.credentials_days <= 0:
        yield DeniedError(
            "credentials-expired",
            "The memory cloud's credentials have expired.",
            fix="Create new credentials and configure them.",
        )
    if account.is_suspended:
        yield DeniedError("account-disabled", "The account is suspended.", fix="Ask the cloud's support to open it.")
    if not account.is_registered:
        yield DeniedError(
            "provider-not-registered",
            "The account is not registered for virtual machines.",
            fix="Register it: `memory register compute`.",
        )
    if abs(account.clock_skew_s) > _MOST_SKEW_S:
        yield DeniedError(
            "clock-skew",
            f"This machine's clock is {account.clock_skew_s:.0f} s off the cloud's clock.",
            why=f"Signatures are refused beyond {_MOST_SKEW_S:.0f} s.",
            fix="Set the clock: `sudo timedatectl set-ntp true`.",
        )


def permission_refusals(account: MemoryAccount, methods: frozenset[str]) -> Iterator[CloudError]:
    """Which of the calls may not be made."""
    for method in sorted(methods & account.denied):
        yield DeniedError(
            "permissions-missing", f"The account may not call {method}.", fix=f"Grant it: `memory grant {method}`."
        )


def is_expiring(account: MemoryAccount) -> bool:
    """Whether the credentials work today and will not much longer."""
    return account.credentials_days is not None and 0 < account.credentials_days < _SOON_DAYS
