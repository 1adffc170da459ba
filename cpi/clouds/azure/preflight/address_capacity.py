"""Whether the addresses that a plan wants fit into subnets that are there. Pure.

Takes interfaces to come and subnets as Azure tells them, gives findings.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.preflight import findings
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, LandingResource, NetworkKind, NetworkSettings
from cpi.kit import ranges

Json = Mapping[str, Any]
_LONGEST_PREFIX = 29
_KEPT = 5
"""Azure keeps the first four addresses of each subnet and its last one.

Source: MicrosoftDocs/azure-docs articles/virtual-network/virtual-networks-faq.md.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedInterface:
    """An interface to come: of which VM, and in which subnet (by id)."""

    vm: str
    network: NetworkSettings
    subnet_id: str


def check(wanted: Sequence[PlannedInterface], subnets: Mapping[str, Json], staying: Mapping[str, int]) -> list[Finding]:
    """Addresses outside, kept by Azure or asked for twice, subnets too small and subnets that nobody knows.

    `subnets` by id, those that the plan makes too; `staying` is how many addresses of each are held and stay.
    """
    there = [one for one in wanted if one.subnet_id in subnets]
    lost = {one.subnet_id: findings.of_subnet(one.network.name, one.subnet_id) for one in wanted if one not in there}
    return [*lost.values(), *_misplaced(there, subnets), *_twice(there), *_full(there, subnets, staying)]


def check_ranges(landing: Sequence[LandingResource], network: Json | None) -> list[Finding]:
    """Ranges that no subnet can have, or that overlap: each other, or subnets of the environment's `network`."""
    there = network["properties"].get("subnets", []) if network else []
    held = [ranges.Range(name=f"subnet '{one['name']}'", cidr=str(networks.read_cidr(one))) for one in there]
    wanted = [
        ranges.Range(name=f"subnet '{one.name}'", cidr=str(one.properties["cidr"]))
        for one in landing
        if one.kind == landing_bodies.SUBNET
    ]
    new = [one for one in wanted if one.name not in {other.name for other in held}]
    invalid = [findings.of_range(one.name, one.cidr) for one in new if not _is_range(one.cidr)]
    return [*invalid, *(findings.of_overlap(one, other) for one, other in ranges.overlapping(new, held))]


def planned(landing: Sequence[LandingResource], places: ResourcePaths) -> dict[str, Json]:
    """Subnets that the plan makes, by id in small letters, as Azure would tell them."""
    return {
        places.subnet(networks.LANDING, one.name).lower(): {
            "name": one.name,
            "properties": {"addressPrefix": one.properties["cidr"]},
        }
        for one in landing
        if one.kind == landing_bodies.SUBNET and _is_range(str(one.properties["cidr"]))
    }


def _is_range(cidr: str) -> bool:
    try:
        return ipaddress.ip_network(cidr).prefixlen <= _LONGEST_PREFIX
    except ValueError:
        return False


def _misplaced(wanted: Sequence[PlannedInterface], subnets: Mapping[str, Json]) -> Iterator[Finding]:
    for one in wanted:
        if one.network.kind is not NetworkKind.MANUAL:
            continue
        try:
            networks.check_address(one.network, subnets[one.subnet_id])
        except CloudError as error:
            yield findings.of_error(error)
            continue
        cidr = networks.read_cidr(subnets[one.subnet_id])
        at = int(ipaddress.ip_address(one.network.ip)) - int(cidr.network_address)
        if at < _KEPT - 1 or at == cidr.num_addresses - 1:
            yield findings.of_kept(one.network.ip, one.vm, str(cidr))


def _twice(wanted: Sequence[PlannedInterface]) -> Iterator[Finding]:
    counts = Counter((one.subnet_id, one.network.ip) for one in wanted if one.network.ip)
    for (_, ip), count in counts.items():
        if count > 1:
            yield findings.of_twice(ip, count)


def _full(
    wanted: Sequence[PlannedInterface], subnets: Mapping[str, Json], staying: Mapping[str, int]
) -> Iterator[Finding]:
    for subnet_id, count in Counter(one.subnet_id for one in wanted).items():
        cidr = networks.read_cidr(subnets[subnet_id])
        free = max(0, cidr.num_addresses - _KEPT - staying.get(subnet_id, 0))
        if count > free:
            yield findings.of_full(str(cidr), free=free, wanted=count)
