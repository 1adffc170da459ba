"""Where a group's instances go: AZ, index, who is bootstrap; those with disks stay where they are.

Takes a group and its existing instances, gives places and those that are not needed any more.
Source: cloudfoundry/bosh deployment_plan/placement_planner/*, instance_planner.rb.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import Group
from director.model.environments.state import InstanceRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceSlot:
    """One wanted instance. `record` None means a new one; `statics` are its static addresses by network."""

    az: str | None
    index: int = -1
    record: InstanceRecord | None = None
    statics: Mapping[str, str] = field(default_factory=dict)
    is_bootstrap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """`places` by index; `obsolete` are existing instances that have no place."""

    places: tuple[InstanceSlot, ...]
    obsolete: tuple[InstanceRecord, ...]


def place_evenly(group: Group, candidates: Sequence[InstanceRecord]) -> Placement:
    """Spread over AZs: those with disks stay, then the emptiest AZ is next, then one with instances to keep."""
    azs: tuple[str | None, ...] = tuple(sorted(group.azs)) or (None,)
    staying = [record for record in candidates if record.disks and record.az in azs][: group.instances]
    places = [InstanceSlot(az=record.az, record=record) for record in staying]
    kept = {record.id for record in staying}
    left: dict[str | None, deque[InstanceRecord]] = {az: deque() for az in azs}
    for record in candidates:
        if record.id not in kept and record.az in left:
            left[record.az].append(record)
    counts = Counter(place.az for place in places)
    for _ in range(group.instances - len(places)):
        az = min(azs, key=lambda az: (counts[az], not left[az], az or ""))
        counts[az] += 1
        places.append(InstanceSlot(az=az, record=left[az].popleft() if left[az] else None))
    return settle(group, places, candidates)


def settle(group: Group, places: Sequence[InstanceSlot], candidates: Sequence[InstanceRecord]) -> Placement:
    """Number the places and name the bootstrap instance; who has no place is obsolete."""
    kept = {place.record.id for place in places if place.record}
    numbered = sorted(_number(group, places, candidates), key=lambda place: place.index)
    return Placement(
        places=_with_bootstrap(numbered),
        obsolete=tuple(record for record in candidates if record.id not in kept),
    )


def _number(group: Group, places: Iterable[InstanceSlot], candidates: Iterable[InstanceRecord]) -> list[InstanceSlot]:
    """An index stays with the group's name; others get the lowest that no record of the group has had."""
    used = {record.index for record in candidates if record.group == group.name}
    free = iter(index for index in range(len(used) + group.instances + 1) if index not in used)
    return [
        replace(place, index=place.record.index)
        if place.record and place.record.group == group.name
        else replace(place, index=next(free))
        for place in places
    ]


def _with_bootstrap(places: Sequence[InstanceSlot]) -> tuple[InstanceSlot, ...]:
    holders = [place.index for place in places if place.record and place.record.is_bootstrap]
    chosen = holders[0] if len(holders) == 1 else min((place.index for place in places), default=-1)
    return tuple(replace(place, is_bootstrap=place.index == chosen) for place in places)
