"""Limits: what a plan needs beside what is used, judged against what the project may have.

Takes loads, gives findings.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cpi.contract.values import Finding, QuotaNeed


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """`name` is OpenStack's own ("cores"); `limit` below 0 means none; `freed` is what the plan gives back later."""

    name: str
    unit: str
    used: int
    limit: int
    asked: int
    freed: int = 0


def judge(loads: Iterable[LimitUse], region: str) -> Iterator[Finding]:
    """A finding for each limit that the plan does not fit under."""
    for load in loads:
        needed = load.used - load.freed + load.asked
        if load.asked <= 0 or load.limit < 0 or needed <= load.limit:
            continue
        yield Finding(
            code="openstack-quota-too-small",
            what=f"The project's quota for {load.unit} is too small.",
            why=f"{load.used} of {load.limit} are used, {load.freed} become free, the plan needs {load.asked} more.",
            fix=f"Ask the cloud's operator: `openstack quota set --{load.name} {needed} PROJECT`.",
            quota=QuotaNeed(
                name=load.name, region=region, unit=load.unit, used=load.used, limit=load.limit, needed=needed
            ),
        )
