"""Where instances with static addresses go: the addresses say it.

Takes a group with static addresses and its existing instances, gives places with their addresses.
Source: cloudfoundry/bosh deployment_plan/placement_planner/static_ips_availability_zone_picker.rb.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.values import NetworkKind
from director.errors import InputError
from director.model.environments.desired import Group, Network
from director.model.environments.state import InstanceRecord
from director.plan.placing import placement
from director.plan.placing.placement import InstanceSlot, Placement

_Pools = dict[str, dict[str, frozenset[str | None]]]
"""By network and unclaimed address, in listed order: the AZs that the address may serve."""


def has_static_addresses(group: Group, networks: Mapping[str, Network]) -> bool:
    """Whether placement follows addresses: static ones on a network that is not a vip."""
    return any(net.static_ips and networks[net.name].kind is not NetworkKind.VIP for net in group.networks)


def place_by_address(group: Group, networks: Mapping[str, Network], candidates: Sequence[InstanceRecord]) -> Placement:
    """Keep instances that hold a listed address, reuse those that a free one suits, create the rest in listed order.

    Raises InputError: static-ip-outside-azs, static-ips-uneven.
    """
    pools = _pools(group, networks)
    places: list[InstanceSlot] = []
    holders = [record for record in candidates if _holds(record, pools)]
    for record in (*holders, *(other for other in candidates if other not in holders)):
        wanted = record.addresses if record in holders else {}
        claimed = _claim(pools, record.az, wanted) if len(places) < group.instances else None
        if claimed:
            places.append(InstanceSlot(az=record.az, record=record, statics=claimed))
    while len(places) < group.instances:
        places.append(_new_place(group, pools, places))
    return placement.settle(group, places, candidates)


def _pools(group: Group, networks: Mapping[str, Network]) -> _Pools:
    return {
        net.name: {ip: _azs_of(ip, group, networks[net.name]) for ip in net.static_ips}
        for net in group.networks
        if net.static_ips and networks[net.name].kind is not NetworkKind.VIP
    }


def _azs_of(ip: str, group: Group, network: Network) -> frozenset[str | None]:
    wanted: frozenset[str | None] = frozenset(group.azs or (None,))
    found: frozenset[str | None] = frozenset()
    for subnet in network.subnets:
        if ipaddress.ip_address(ip) in ipaddress.ip_network(subnet.cidr, strict=False):
            found |= wanted & frozenset(subnet.azs) if subnet.azs else wanted
    if not found:
        raise InputError(
            "static-ip-outside-azs",
            f"Static IP {ip} of instance group '{group.name}' is in no AZ of the group.",
            why=f"The group wants AZs {', '.join(sorted(group.azs)) or 'none'}; network '{network.name}' has others.",
            fix="Take an address of a subnet in one of the group's AZs, or add the AZ to the group.",
            where=group.where,
        )
    return found


def _holds(record: InstanceRecord, pools: _Pools) -> bool:
    return any(record.az in pool.get(record.addresses.get(network, ""), ()) for network, pool in pools.items())


def _claim(pools: _Pools, az: str | None, wanted: Mapping[str, str]) -> dict[str, str] | None:
    """Take an address of every network in that AZ: the wanted one, else the first; nothing unless all have one."""
    chosen: dict[str, str] = {}
    for network, pool in pools.items():
        fitting = [ip for ip, azs in pool.items() if az in azs]
        if not fitting:
            return None
        chosen[network] = wanted[network] if wanted.get(network) in fitting else fitting[0]
    for network, ip in chosen.items():
        del pools[network][ip]
    return chosen


def _new_place(group: Group, pools: _Pools, places: Iterable[InstanceSlot]) -> InstanceSlot:
    first = next(iter(pools.values()))
    azs = next(iter(first.values()), frozenset())
    counts = {az: sum(place.az == az for place in places) for az in azs}
    for az in sorted(azs, key=lambda az: (counts[az], az or "")):
        statics = _claim(pools, az, {name: next(iter(pool)) for name, pool in pools.items() if pool})
        if statics:
            return InstanceSlot(az=az, statics=statics)
    raise InputError(
        "static-ips-uneven",
        f"The static IPs of instance group '{group.name}' do not spread evenly over its AZs.",
        why="Each instance needs one address on every network, all of them in the same AZ.",
        fix="List as many addresses in each AZ on one network as on the other.",
        where=group.where,
    )
