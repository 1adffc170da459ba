"""Sizes that a plan names against those that a cloud offers. Pure.

Takes what is offered and what VMs ask for, gives findings.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field, replace
from decimal import Decimal

from cpi.contract.errors import NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding
from cpi.kit.judge.known_names import unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An instance type as the cloud offers it; None and () are facts that the cloud does not tell."""

    zones: frozenset[str] | None = None
    most_disks: int | None = None
    most_interfaces: int | None = None
    architectures: tuple[str, ...] = ()
    restricted: str = ""
    """Why this account cannot have it, "" where nothing is in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VmFacts:
    """A planned VM: its size, zone and parts. `image` is the name of its image in messages."""

    name: str
    size: str
    zones: frozenset[str] = frozenset()
    disks: int = 0
    interfaces: int = 0
    image: str = ""
    architecture: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where sizes are offered ("Region us-east-1"), what they are, and names for "did you mean" beside theirs."""

    name: str
    sizes: Mapping[str, Size]
    known: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What an instance type gives. `rank` orders those that give enough: a price, or the size itself."""

    name: str
    cpus: int
    ram_mib: int
    rank: tuple[Decimal | int, ...]
    disk_mib: int | None = None
    """None where the instance type does not limit the disk."""


def smallest(known: Iterable[Capacity], *, cpus: int, ram_mib: int, disk_mib: int = 0) -> str:
    """The name of the first by rank that gives at least this much. Raises NotSupportedError, code no-such-size."""
    offered = tuple(known)
    fitting = [
        one
        for one in offered
        if one.cpus >= cpus and one.ram_mib >= ram_mib and (one.disk_mib is None or one.disk_mib >= disk_mib)
    ]
    if fitting:
        return min(fitting, key=lambda one: (one.rank, one.name)).name
    has_disks = any(one.disk_mib is not None for one in offered)
    raise NotSupportedError(
        "no-such-size",
        f"No known instance type has {cpus} CPUs, {ram_mib} MiB of memory{f', {disk_mib} MiB of disk' * has_disks}.",
        why=f"The known ones are {', '.join(sorted(one.name for one in offered)) or 'none'}.",
        fix="Request fewer resources, or set the cloud property `instance_type`.",
    )


def sizes(wanted: Iterable[VmFacts], place: Place) -> Iterator[Finding]:
    """Sizes that do not exist, are not offered in the VM's zone, or are too small for its disks and networks."""
    answer: set[tuple[str, str]] = set()
    for vm in wanted:
        for finding in _sized(vm, place):
            if (finding.code, finding.what) not in answer:
                answer.add((finding.code, finding.what))
                yield finding


def disks(vm: str, count: int, most: int | None, *, size: str = "A VM") -> Iterator[Finding]:
    """More disks than are attached to a VM, or to its size."""
    if most is not None and count > most:
        yield Finding(
            code="too-many-disks",
            what=f"VM '{vm}' has {count} disks.",
            why=f"{size} allows at most {most}.",
            fix="Choose a larger instance_type, or spread the disks over more VMs.",
            written_names=(size, vm),
        )


def _sized(vm: VmFacts, place: Place) -> Iterator[Finding]:
    size = place.sizes.get(vm.size)
    if size is None:
        known = place.known | set(place.sizes)
        found = unknown_name("instance type", vm.size, known, where=place.name, setting="instance_type")
        yield replace(found, written_names=(vm.size, vm.name))
    elif size.restricted:
        yield _restricted(vm, place, size.restricted)
    else:
        yield from _fit(vm, size)


def _fit(vm: VmFacts, size: Size) -> Iterator[Finding]:
    offered, written = vm.zones if size.zones is None else size.zones, (vm.size, vm.name)
    for zone in sorted(vm.zones - offered):
        yield Finding(
            code="instance-type-not-in-zone",
            what=f"Zone {zone} does not offer instance type '{vm.size}'.",
            why=f"It is offered in {', '.join(sorted(offered)) or 'no zone'}.",
            fix="Choose another instance_type for that AZ, or another AZ for the instance group.",
            written_names=written,
        )
    yield from disks(vm.name, vm.disks, size.most_disks, size=vm.size)
    if size.most_interfaces is not None and vm.interfaces > size.most_interfaces:
        yield Finding(
            code="too-many-interfaces",
            what=f"VM '{vm.name}' has {vm.interfaces} networks, but {vm.size} allows {size.most_interfaces}.",
            why="Each network is a network interface of the VM.",
            fix="Choose a larger instance_type, or fewer networks for the instance group.",
            written_names=written,
        )
    if size.architectures and vm.architecture and vm.architecture not in size.architectures:
        yield Finding(
            code="image-architecture",
            what=f"{vm.image} is for {vm.architecture}, but {vm.size} is not.",
            why=f"{vm.size} supports {', '.join(size.architectures)}.",
            fix="Choose an image and an instance_type of the same architecture.",
            written_names=written,
        )


def _restricted(vm: VmFacts, place: Place, why: str) -> Finding:
    return Finding(
        code="unknown-instance-type",
        what=f"{place.name} does not offer instance type '{vm.size}' to this account.",
        why=f"It is restricted: {why}.",
        fix="Choose another instance_type, zone or region.",
        written_names=(vm.size, vm.name),
    )
