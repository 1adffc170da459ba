"""Whether the addresses that a plan wants can be had. Pure.

Takes interfaces to come, subnets and who holds which address; gives findings.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from cpi.kit import ranges
from cpi.kit.ranges import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedInterface:
    """An interface to come: of which VM, in which network (by name) and subnet (by id); "" is any free address."""

    vm: str
    network: str
    subnet: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubnetFacts:
    """`ranges` are its own; `free` is how many addresses are left for what the plan brings.

    `first` and `last` are how many of each range the cloud reserves, `kept` single addresses with what has them ("the
    gateway of subnet s"). If `is_shared_out` is False, an address requested
    by name takes none of `free`: a pool serves the others.
    """

    name: str
    ranges: tuple[str, ...]
    free: int
    first: int = 0
    last: int = 0
    kept: Mapping[str, str] = field(default_factory=dict)
    is_shared_out: bool = True


def addresses(
    wanted: Sequence[WantedInterface], subnets: Mapping[str, SubnetFacts], held: Mapping[tuple[str, str], str]
) -> Iterator[Finding]:
    """Addresses outside, kept by the cloud, taken or asked for twice, and subnets too small for what comes.

    `subnets` by id, `held` who has which address of which subnet and keeps it; interfaces elsewhere are not judged.
    """
    there = [one for one in wanted if one.subnet in subnets]
    for one in there:
        if one.address:
            yield from placed(one, subnets[one.subnet])
            yield from taken(one.vm, one.address, held.get((one.subnet, one.address), ""))
    yield from _twice(there)
    yield from _full(there, subnets)


def placed(one: WantedInterface, subnet: SubnetFacts) -> Iterator[Finding]:
    """An address outside the subnet's ranges, or one that the cloud keeps for itself."""
    address = ipaddress.ip_address(one.address)
    networks = [ipaddress.ip_network(cidr) for cidr in subnet.ranges]
    within = next((network for network in networks if address in network), None)
    if within is None:
        yield Finding(
            code="address-outside-network",
            what=f"{address} of VM '{one.vm}' is in no subnet of network '{one.network}'.",
            why=f"Its subnets are {', '.join(subnet.ranges) or 'none'}.",
            fix="Correct the network's range in the cloud config, or the address in the manifest.",
            written_names=(one.address, one.network),
        )
        return
    at = int(address) - int(within.network_address)
    if at < subnet.first or at >= within.num_addresses - subnet.last:
        why = f"The cloud reserves the first {subnet.first} addresses of {within}, and the last {subnet.last}."
        yield _reserved(one, why=why, kept=f"{within[1]} - {within[max(subnet.first, 2) - 1]}")
    elif str(address) in subnet.kept:
        yield _reserved(one, why=f"It is {subnet.kept[str(address)]}.", kept=str(address))


def taken(vm: str, address: str, holder: str) -> Iterator[Finding]:
    """An address that a `holder` has; "" means that it is free."""
    if holder:
        yield Finding(
            code="address-taken",
            what=f"VM '{vm}' cannot have the address {address}.",
            why=f"It is in use by {holder}.",
            fix="Choose another address in the manifest or cloud config, or delete the resource that has it.",
            written_names=(address,),
        )


def full(subnet: SubnetFacts, count: int, networks: Sequence[str] = ()) -> Finding:
    """A subnet with too few free addresses for so many interfaces more, of these networks."""
    kept = subnet.first + subnet.last
    return Finding(
        code="subnet-full",
        what=f"{subnet.name} has too few free addresses for {count} more VMs.",
        why=f"{max(subnet.free, 0)} are free" + (f"; the cloud reserves {kept} of each subnet." if kept else "."),
        fix="Use a larger range for the network, or fewer instances.",
        written_names=tuple(networks),
    )


def invalid_range(name: str, cidr: str, *, why: str) -> Finding:
    """A range that no network of the cloud can have."""
    return Finding(
        code="network-range-invalid",
        what=f"Network '{name}' cannot have the range {cidr}.",
        why=why,
        fix="Correct `networks` in the environment's file, e.g. default: 10.0.0.0/24.",
        written_names=(name, cidr),
    )


def overlaps(new: Sequence[Range], there: Sequence[Range] = ()) -> Iterator[Finding]:
    """Ranges of networks to come that share addresses, with each other or with one that is there."""
    for one, other in ranges.overlapping(new, there):
        yield Finding(
            code="ranges-overlap",
            what=f"The range of {one.name} ({one.cidr}) overlaps that of {other.name} ({other.cidr}).",
            why="An address could be in both.",
            fix="Correct `networks` in the environment's file, and the ranges in the cloud config.",
            written_names=(one.cidr, other.cidr),
        )


def _reserved(one: WantedInterface, *, why: str, kept: str) -> Finding:
    return Finding(
        code="address-reserved",
        what=f"VM '{one.vm}' cannot have the address {one.address}.",
        why=why,
        fix=f"Choose another address, and write `reserved: [{kept}]` for that subnet in the cloud config.",
        written_names=(one.address, one.network),
    )


def _twice(wanted: Sequence[WantedInterface]) -> Iterator[Finding]:
    counts = Counter((one.subnet, one.address) for one in wanted if one.address)
    for (_, address), count in sorted(counts.items()):
        if count > 1:
            yield Finding(
                code="address-asked-twice",
                what=f"{count} VMs of the plan have the address {address}.",
                why="An address must be unique in its network.",
                fix="Correct static_ips in the manifest.",
                written_names=(address,),
            )


def _full(wanted: Sequence[WantedInterface], subnets: Mapping[str, SubnetFacts]) -> Iterator[Finding]:
    counts = Counter(one.subnet for one in wanted if subnets[one.subnet].is_shared_out or not one.address)
    for at, count in sorted(counts.items()):
        subnet = subnets[at]
        if count > subnet.free:
            yield full(subnet, count, list(dict.fromkeys(one.network for one in wanted if one.subnet == at)))
