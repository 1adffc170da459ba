"""Whether the addresses that a plan wants fit into subnets that are there. Pure.

Takes addresses to come and subnets as Azure tells them, gives findings.
"""

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, LandingResource, NetworkSettings
from cpi.kit import judge, ranges
from cpi.kit.ipv6 import is_ipv6
from cpi.kit.judge import WantedInterface

Json = Mapping[str, Any]
_LONGEST_PREFIX = 29


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedAddress:
    """An address to come: of which VM, and in which subnet (by id)."""

    vm: str
    network: NetworkSettings
    subnet_id: str


def check(wanted: Sequence[PlannedAddress], subnets: Mapping[str, Json], staying: Mapping[str, int]) -> list[Finding]:
    """Addresses that are outside, reserved by Azure or requested twice; subnets that are too small or unknown.

    `subnets` by id, those that the plan makes too; `staying` is how many IPv4 addresses of each are held and stay.
    """
    there = [one for one in wanted if one.subnet_id in subnets]
    lost = {one.subnet_id: _unknown_subnet(one) for one in wanted if one not in there}
    facts = {
        _counted(at, six=six): networks.subnet_facts(subnet, staying.get(at, 0), six=six)
        for at, subnet in subnets.items()
        for six in (False, True)
    }
    interfaces = [
        WantedInterface(
            vm=one.vm,
            network=one.network.name,
            subnet=_counted(one.subnet_id, six=is_ipv6(one.network)),
            address=one.network.ip or "",
        )
        for one in there
        if one.network.ip or not is_ipv6(one.network)  # an open one of IPv6 has no interface: reported elsewhere
    ]
    return [*lost.values(), *judge.addresses(interfaces, facts, {})]


def _counted(subnet_id: str, *, six: bool) -> str:
    """Addresses of IPv6 are not counted with those of IPv4."""
    return f"{subnet_id}/ipv6" if six else subnet_id


def check_ranges(landing: Sequence[LandingResource], network: Json | None) -> list[Finding]:
    """Ranges that no subnet can have, or that overlap: each other, or subnets of the environment's `network`."""
    there = network["properties"].get("subnets", []) if network else []
    held = [
        ranges.Range(name=f"subnet '{one['name']}'", cidr=str(cidr))
        for one in there
        for cidr in networks.read_cidrs(one)
    ]
    wanted = [
        ranges.Range(name=f"subnet '{one.name}'", cidr=str(one.properties["cidr"]))
        for one in landing
        if one.kind == landing_bodies.SUBNET
    ]
    new = [one for one in wanted if one.name not in {other.name for other in held}]
    why = "A subnet is written like 10.0.0.0/16, has a prefix of 29 at most, and no bits set behind it."
    invalid = [judge.invalid_range(one.name, one.cidr, why=why) for one in new if not _is_range(one.cidr)]
    return [*invalid, *judge.overlaps(new, held)]


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


def _unknown_subnet(one: PlannedAddress) -> Finding:
    network, setting = f"Network '{one.network.name}'", "virtual_network_name and subnet_name"
    return judge.unknown_name("subnet", names.last(one.subnet_id), (), where=network, setting=setting)


def _is_range(cidr: str) -> bool:
    try:
        return ipaddress.IPv4Network(cidr).prefixlen <= _LONGEST_PREFIX
    except ValueError:
        return False
