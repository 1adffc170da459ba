"""Limits of an OpenStack project, as the kit judges them.

Takes loads, gives findings.
"""

from collections.abc import Iterable, Iterator

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from cpi.kit import judge as kit_judge


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitUse:
    """`name` is OpenStack's own ("cores"); `limit` below 0 means none; `freed` is what the plan frees later.

    `names` are as in the kit's Limit; `command` is what its operator's client calls the setting of such limits.
    """

    name: str
    unit: str
    used: int
    limit: int
    asked: int
    freed: int = 0
    names: tuple[str, ...] = ()
    command: str = "quota set"


def judge(loads: Iterable[LimitUse], region: str) -> Iterator[Finding]:
    """A finding for each limit that the plan does not fit under, and for what is left of the others."""
    for load in loads:
        about = kit_judge.Limit(
            name=load.name,
            label=f"the project's {load.unit}",
            unit=load.unit,
            used=load.used,
            limit=load.limit,
            asked=load.asked,
            freed=load.freed,
            fix=f"Ask the cloud's operator: `openstack {load.command} --{load.name} {{needed}} PROJECT`.",
            written_names=load.names,
        )
        yield from kit_judge.limit(about, region=region)
        yield from kit_judge.limit_left(about, region=region)
