"""Whether an account lets anything be made: its clock, the end of its credentials, permissions, its state. Pure.

Takes plain facts, gives findings.
"""

from collections.abc import Iterator, Sequence

from cpi.contract.values import Finding

RUN_S = 1800.0
"""A session that ends sooner may end within the run."""
WEEK_S = 7 * 86400.0
"""A password or secret that ends sooner wants another one now."""


def clock(ahead_s: float, *, cloud: str, most_s: float, is_fatal: bool) -> Iterator[Finding]:
    """A clock of this machine that is `ahead_s` off the cloud's."""
    if abs(ahead_s) > most_s:
        word = "ahead of" if ahead_s > 0 else "behind"
        yield Finding(
            code="clock-skew",
            what=f"This machine's clock is {abs(ahead_s):.0f} s {word} {cloud}'s.",
            why="Tokens, signatures and certificates depend on it.",
            fix="Set the clock: `timedatectl set-ntp true`.",
            is_fatal=is_fatal,
        )


def expiry(left_s: float | None, *, cloud: str, soon_s: float, fix: str) -> Iterator[Finding]:
    """Credentials that live for `left_s` (None: for ever): ended, or to end within `soon_s`."""
    if left_s is None or left_s >= soon_s:
        return
    if left_s <= 0:
        yield Finding(
            code="credentials-expired",
            what=f"The {cloud} credentials have expired.",
            why="Neither updates nor `compleat down` work with them.",
            fix=fix,
        )
        return
    yield Finding(
        code="credentials-expiring",
        what=f"The {cloud} credentials expire in {_span(left_s)}.",
        why="Afterwards neither updates nor `compleat down` work with them.",
        fix=fix,
        is_fatal=False,
    )


def permissions(lacking: Sequence[str], *, who: str, why: str, fix: str) -> Iterator[Finding]:
    """Calls that the plan takes and that are denied to `who`."""
    if lacking:
        yield Finding(code="permissions-missing", what=f"{who} may not call {', '.join(lacking)}.", why=why, fix=fix)


def account(state: str, *, cloud: str, fix: str, is_fatal: bool = True) -> Finding:
    """An account that the cloud has closed, or soon will; `state` is the cloud's own word for it."""
    return Finding(
        code="account-disabled" if is_fatal else "account-warned",
        what="Nothing can be created in this account." if is_fatal else "The account is about to be closed.",
        why=f"{cloud} reports the state {state}.",
        fix=fix,
        is_fatal=is_fatal,
    )


def unregistered(provider: str, *, fix: str, is_fatal: bool = True) -> Finding:
    """A service that the account does not use yet."""
    return Finding(
        code="provider-not-registered",
        what=f"The account is not registered to use {provider}.",
        why="A new account has few services registered; registering one takes some minutes.",
        fix=fix,
        is_fatal=is_fatal,
    )


def _span(left_s: float) -> str:
    for unit, seconds in (("day", 86400), ("hour", 3600)):
        if left_s >= 2 * seconds:
            return f"{left_s // seconds:.0f} {unit}s"
    return f"{left_s / 60:.0f} minutes"
