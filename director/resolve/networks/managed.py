"""Managed networks: what their subnets must say, and the ranges of those that have only `netmask_bits`.

Takes a network as written, gives names in the landing zone and ranges.
Source: cloudfoundry/bosh deployment_plan/manual_network_subnet.rb, stages/create_network.rb.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence

from director.model.environments import managed_networks
from director.model.environments.desired import Network, Subnet
from director.resolve.findings import Findings
from director.resolve.networks import ranges
from director.resolve.request import ResolveRequest

_NAME = re.compile(r"[A-Za-z0-9_-]{1,30}")
_LONGEST = 29
"""The longest prefix that each cloud takes."""
_SHORTEST = 9
_PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))


def landed_name(request: ResolveRequest, place: tuple[int, int], found: Findings) -> str:
    """A subnet's name in the landing zone; "" of one that is not managed, or that has a problem.

    Reports: managed-subnet-without-name, managed-network-name, managed-subnet-twice.
    """
    network, subnet = place
    config = request.cloud_config
    written = config.document.networks[network]
    if not written.managed:
        return ""
    one, where = written.subnets[subnet], config.where("networks", network, "subnets", subnet)
    if one.name is None:
        found.report(
            "managed-subnet-without-name",
            f"Subnet {subnet} of managed network '{written.name}' has no name.",
            why="The subnets of a managed network are created and found again by their names.",
            fix="Add `name`, or remove `managed` if the network exists already.",
            where=where,
        )
        return ""
    for kind, name in (("network", written.name), ("subnet", one.name)):
        if not _NAME.fullmatch(name):
            found.report(
                "managed-network-name",
                f"'{name}' is not a valid name of a managed {kind}.",
                why="Clouds take letters, digits, `-` and `_`, 30 at most.",
                fix="Rename it.",
                where=where,
            )
            return ""
    if one.name in [other.name for other in written.subnets[:subnet]]:
        found.report(
            "managed-subnet-twice",
            f"Managed network '{written.name}' has two subnets called '{one.name}'.",
            why="The subnets of a managed network are found again by their names.",
            fix="Rename one of them.",
            where=where,
        )
        return ""
    return managed_networks.landing_name(written.name, one.name)


def range_of(request: ResolveRequest, place: tuple[int, int], *, landed: str, found: Findings) -> str:
    """The range as written, or as the subnet has it already, or the first free one of the wanted size; "" for none.

    Reports: netmask-bits-invalid, managed-network-changed, managed-range-missing.
    """
    network, subnet = place
    config = request.cloud_config
    written = config.document.networks[network].subnets[subnet]
    there = request.managed_ranges.get(landed, "")
    if written.range:
        _check_same(request, place, there=there, found=found)
        return written.range
    if there or written.netmask_bits is None:
        return there
    where = config.where("networks", network, "subnets", subnet, "netmask_bits")
    if not _SHORTEST <= written.netmask_bits <= _LONGEST:
        found.report(
            "netmask-bits-invalid",
            f"A managed subnet cannot have `netmask_bits: {written.netmask_bits}`.",
            why=f"Its range is chosen among private IPv4 addresses, from /{_SHORTEST} to /{_LONGEST}.",
            fix="Correct `netmask_bits`, or write a `range`.",
            where=where,
        )
        return ""
    return _chosen(request, place)


def check_managed(
    request: ResolveRequest, networks: Iterable[Network], *, used: frozenset[str], found: Findings
) -> None:
    """Report managed networks in use on clouds that create none: managed-network-unsupported."""
    clouds = {az.name: az.cpi or request.clouds[0] for az in request.cloud_config.document.azs}
    for network in networks:
        asked = {
            cloud
            for subnet in network.subnets
            if subnet.managed
            for cloud in clouds_of(subnet, clouds, first=request.clouds[0])
        }
        for cloud in sorted(asked & request.without_landing.keys() if network.name in used else ()):
            found.report(
                "managed-network-unsupported",
                f"Managed network '{network.name}' cannot be created.",
                why=request.without_landing[cloud],
                fix="Name an existing network in the subnets' cloud_properties and remove `managed`, or give the "
                "environment `networks`.",
                where=network.where,
            )


def clouds_of(subnet: Subnet, clouds: dict[str, str], *, first: str) -> tuple[str, ...]:
    """The clouds that a subnet is in, by those of its AZs; the first one without AZs."""
    return tuple(dict.fromkeys(clouds[az] for az in subnet.azs if az in clouds)) or (first,)


def _check_same(request: ResolveRequest, place: tuple[int, int], *, there: str, found: Findings) -> None:
    network, subnet = place
    config = request.cloud_config
    written = config.document.networks[network].subnets[subnet]
    wanted = ranges.read_cidr(written.range or "")
    if there and wanted is not None and str(wanted) != there:
        found.report(
            "managed-network-changed",
            f"Managed subnet '{written.name}' exists with the range {there}, not {wanted}.",
            why="The range of a subnet that exists cannot be changed.",
            fix="Restore `range`, or give the subnet another `name`: the old one is deleted when nothing uses it.",
            where=config.where("networks", network, "subnets", subnet, "range"),
        )


def _chosen(request: ResolveRequest, place: tuple[int, int]) -> str:
    """The same for the same documents and environment: subnets are given ranges in the cloud config's order."""
    document = request.cloud_config.document
    written = [subnet.range for network in document.networks for subnet in network.subnets if subnet.range]
    held = [one for text in (*written, *request.landing_ranges, *request.managed_ranges.values()) if (one := _v4(text))]
    within = next((space for text in request.landing_ranges for space in _PRIVATE if _is_within(text, space)), None)
    for at, network in enumerate(document.networks):
        for number, subnet in enumerate(network.subnets if network.managed else ()):
            landed = managed_networks.landing_name(network.name, subnet.name or "")
            if subnet.range or subnet.netmask_bits is None or landed in request.managed_ranges:
                continue
            chosen = next(_free(subnet.netmask_bits, held, within=within), None)
            if (at, number) == place:
                return str(chosen or "")
            held += [chosen] if chosen else []
    return ""


def _free(
    bits: int, held: Sequence[ipaddress.IPv4Network], *, within: ranges.Cidr | None
) -> Iterator[ipaddress.IPv4Network]:
    """Aligned ranges of that size which touch none that is held; each step passes a held one, so there are few."""
    step = 1 << (32 - bits) if 0 <= bits <= 32 else 0
    for space in [within] if within is not None else _PRIVATE:
        number, end = int(space.network_address), int(space.broadcast_address)
        while step and number + step - 1 <= end:
            one = ipaddress.IPv4Network((number, bits))
            clash = max((int(other.broadcast_address) for other in held if other.overlaps(one)), default=None)
            if clash is None:
                yield one
            number = number + step if clash is None else -(-(clash + 1) // step) * step


def _v4(text: str) -> ipaddress.IPv4Network | None:
    cidr = ranges.read_cidr(text)
    return cidr if isinstance(cidr, ipaddress.IPv4Network) else None


def _is_within(text: str, space: ranges.Cidr) -> bool:
    cidr = _v4(text)
    return cidr is not None and isinstance(space, ipaddress.IPv4Network) and cidr.subnet_of(space)
