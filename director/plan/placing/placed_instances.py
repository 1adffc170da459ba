"""Every desired instance with its identity, AZ and addresses.

Takes Desired and Observed, gives placed instances in the manifest's order, and the instances that are no longer
desired.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind, NetworkSettings
from director.errors import InputError, raise_all
from director.model.environments.desired import Desired, Group, Network
from director.model.environments.observed import Observed
from director.model.environments.state import InstanceRecord
from director.model.ids import GroupName, InstanceId, RunId
from director.plan.placing import addresses, network_interfaces, placement, reuse, static_placement, strays
from director.plan.placing.addresses import AddressRequest
from director.plan.placing.placement import InstanceSlot, Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedInstance:
    """One wanted instance. `record` is what is to be written down, `networks` what its VM is to have."""

    group: Group
    record: InstanceRecord
    networks: tuple[NetworkSettings, ...]
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Placements:
    """`placed` by group, by index. `obsolete` by group; `unneeded` are those of groups that are gone."""

    placed: tuple[PlacedInstance, ...]
    obsolete: Mapping[GroupName, tuple[InstanceRecord, ...]] = field(default_factory=dict)
    unneeded: tuple[InstanceRecord, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`errands` are the errand groups to run now; `swapped` are instances whose next VM needs addresses of its own."""

    errands: frozenset[str] = frozenset()
    swapped: frozenset[str] = frozenset()


def place_instances(desired: Desired, observed: Observed, *, run: RunId, choice: Choice) -> Placements:
    """Find each instance its place and addresses; errand groups only if they run now or have a VM kept alive.

    Raises InputError: those of placement and addresses, all at once.
    """
    networks = {network.name: network for network in desired.networks}
    matched = reuse.match_records(desired.groups, observed.state.instances)
    groups = [
        group
        for group in desired.groups
        if group.name in choice.errands or reuse.is_on_call(group, matched.candidates[group.name])
    ]
    placements = _place(groups, networks, matched.candidates)
    drafts = [(group, _record(group, place, run), place) for group in groups for place in placements[group.name].places]
    taken = _taken(observed, placements, matched.unneeded)
    reserved = _reserve(drafts, networks, taken, swapped=choice.swapped)
    placed = [
        _placed_instance(group, replace(record, addresses=given), place, networks=networks)
        for (group, record, place), given in zip(drafts, reserved, strict=True)
    ]
    return Placements(
        placed=tuple(placed),
        obsolete={group.name: placements[group.name].obsolete for group in groups},
        unneeded=matched.unneeded,
    )


def all_taken(observed: Observed) -> Mapping[str, str]:
    """Every address someone else has, and all that this deployment's records, VMs and compilers hold, with who."""
    held = {
        **{net.ip: f"VM {vm.created.cid}" for vm in observed.vms for net in vm.created.networks if net.ip},
        **{
            net.ip: f"compile VM {name}"
            for name, vm in observed.state.compilers.items()
            for net in vm.networks
            if net.ip
        },
        **{ip: record.name for record in observed.state.instances for ip in held_by(record)},
        **{ip: "another deployment of the environment" for taken in observed.taken.values() for ip in taken},
    }
    return {ip: holder for ip, holder in held.items() if ip}


def held_by(record: InstanceRecord) -> frozenset[str]:
    """The addresses of an instance's VM; without a VM those kept for it."""
    if record.vm:
        return frozenset(net.ip for net in record.vm.networks if net.ip)
    return frozenset(ip for ip in record.addresses.values() if ip)


def _place(
    groups: Iterable[Group], networks: Mapping[str, Network], candidates: Mapping[GroupName, Sequence[InstanceRecord]]
) -> dict[GroupName, Placement]:
    problems: list[InputError] = []
    placements: dict[GroupName, Placement] = {}
    for group in groups:
        try:
            placements[group.name] = _place_group(group, networks, candidates[group.name])
        except InputError as problem:
            problems.append(problem)
    raise_all(problems)
    return placements


def _place_group(group: Group, networks: Mapping[str, Network], candidates: Sequence[InstanceRecord]) -> Placement:
    if static_placement.has_static_addresses(group, networks):
        placed = static_placement.place_by_address(group, networks, candidates)
    else:
        placed = placement.place_evenly(group, candidates)
    return replace(placed, places=_with_vips(group, networks, placed.places))


def _with_vips(
    group: Group, networks: Mapping[str, Network], places: Sequence[InstanceSlot]
) -> tuple[InstanceSlot, ...]:
    """Who holds a listed vip keeps it; others take what is left, in order."""
    for net in group.networks:
        if networks[net.name].kind is not NetworkKind.VIP:
            continue
        held = [place.record.addresses.get(net.name, "") if place.record else "" for place in places]
        left = iter([ip for ip in net.static_ips if ip not in held])
        chosen = [ip if ip in net.static_ips else next(left, "") for ip in held]
        places = [
            replace(place, statics={**place.statics, net.name: ip}) if ip else place
            for place, ip in zip(places, chosen, strict=True)
        ]
    return tuple(places)


def _record(group: Group, place: InstanceSlot, run: RunId) -> InstanceRecord:
    if place.record:
        return replace(place.record, group=group.name, index=place.index, is_bootstrap=place.is_bootstrap)
    born = uuid.uuid5(uuid.NAMESPACE_URL, f"compleat:{run}/{group.name}/{place.index}")
    return InstanceRecord(
        id=InstanceId(str(born)),
        group=group.name,
        index=place.index,
        az=place.az,
        is_bootstrap=place.is_bootstrap,
    )


def _reserve(
    drafts: Sequence[tuple[Group, InstanceRecord, InstanceSlot]],
    networks: Mapping[str, Network],
    taken: addresses.Taken,
    *,
    swapped: frozenset[str],
) -> tuple[Mapping[str, str], ...]:
    seekers = [
        AddressRequest(
            name=record.name,
            az=record.az,
            networks=group.networks,
            statics=place.statics,
            has=place.record.addresses if place.record and record.id not in swapped else {},
            holds=held_by(place.record) if place.record and place.record.vm else frozenset(),
        )
        for group, record, place in drafts
    ]
    return addresses.reserve_addresses(seekers, networks, taken)


def _taken(
    observed: Observed, placements: Mapping[GroupName, Placement], unneeded: Iterable[InstanceRecord]
) -> addresses.Taken:
    """What seekers may not have. Their own addresses are theirs.

    A listed one of an obsolete instance, or of a stray, is handed on: the plan deletes that VM first.
    """
    statics = {ip for placed in placements.values() for place in placed.places for ip in place.statics.values()}
    others = {ip for taken in observed.taken.values() for ip in taken}
    seated = [place.record for placed in placements.values() for place in placed.places if place.record]
    # What is only kept for an instance without a VM is another deployment's, once that has it.
    own = {ip for record in seated for ip in held_by(record) if record.vm or ip not in others}
    leaving = {ip for placed in placements.values() for record in placed.obsolete for ip in held_by(record)}
    strayed = {net.ip for vm in strays.stray_vms(observed) for net in vm.created.networks if net.ip}
    handed_on = statics & (leaving | strayed)
    holders = {ip: holder for ip, holder in all_taken(observed).items() if ip not in own and ip not in handed_on}
    left = {ip: record.group for record in unneeded for ip in held_by(record)}
    return addresses.Taken(holders=holders, left={ip: str(group) for ip, group in left.items()})


def _placed_instance(
    group: Group, record: InstanceRecord, place: InstanceSlot, *, networks: Mapping[str, Network]
) -> PlacedInstance:
    return PlacedInstance(
        group=group,
        record=record,
        networks=network_interfaces.settings_of(group.networks, networks, az=record.az, held=record.addresses),
        is_new=place.record is None,
    )
