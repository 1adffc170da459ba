"""Limits of an account against what a plan adds. Pure.

Takes a limit with what is used, freed and asked for; gives a finding with what to ask the cloud for.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.value_classes import dataclass
from cpi.contract.values import QUOTA_LEFT, Finding, PreflightRequest, QuotaNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """A limit of the account: the cloud's `name` for it, people's `label` and `unit`.

    `freed` is the share of `used` that the plan releases; a `limit` below 0 means no limit; `fix` is a template
    with {needed}. `written_names` are what counts under it: instance types, names of VMs.
    """

    name: str
    label: str
    unit: str
    used: int
    limit: int
    asked: int
    fix: str
    freed: int = 0
    written_names: tuple[str, ...] = ()


def limit_left(load: Limit, *, region: str) -> Iterator[Finding]:
    """What is left of a limit that the plan fits under, at the plan's peak; nothing of one that does not count it."""
    needed = load.used - load.freed + load.asked
    if load.asked <= 0 or load.limit < 0 or needed > load.limit:
        return
    quota = QuotaNeed(
        name=load.name,
        region=region,
        unit=load.unit,
        used=load.used,
        limit=load.limit,
        needed=needed,
        label=load.label,
    )
    what = f"{load.limit - needed} of {load.limit} {load.unit} are left of the quota for {load.label}."
    yield Finding(code=QUOTA_LEFT, what=what, why="", fix="", is_fatal=False, quota=quota)


def asked_for(request: PreflightRequest, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings; what is left of quotas only if the request lists them."""
    return tuple(one for one in found if request.lists_quotas or one.code != QUOTA_LEFT)


def limit(load: Limit, *, region: str) -> Iterator[Finding]:
    """A limit that the plan does not fit under; what the plan asks nothing of breaks none."""
    needed = load.used - load.freed + load.asked
    if load.asked <= 0 or load.limit < 0 or needed <= load.limit:
        return
    freed = f", {load.freed} become free" if load.freed else ""
    need = QuotaNeed(name=load.name, region=region, unit=load.unit, used=load.used, limit=load.limit, needed=needed)
    yield Finding(
        code="quota-exceeded",
        what=f"The quota for {load.label} does not allow {load.asked} more.",
        why=f"{load.used} of {load.limit} {load.unit} are in use{freed}; {needed} are needed.",
        fix=load.fix.format(needed=needed),
        quota=need,
        written_names=load.written_names,
    )
