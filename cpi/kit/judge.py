"""What a plan meets, judged by plain facts: names, sizes, limits, clocks; one text for all clouds. Pure.

Takes what a cloud offers and what a plan asks for, gives findings. Which facts there are, and how a cloud's people get
more of them, each cloud says itself.
"""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, QuotaNeed

_T = TypeVar("_T")
_FEW = 12
"""The number of existing names that a finding lists."""


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
class Limit:
    """A limit of the account: the cloud's `name` for it, people's `label` and `unit`.

    `freed` is the share of `used` that the plan releases; a `limit` below 0 means no limit; `fix` is a template
    with {needed}.
    """

    name: str
    label: str
    unit: str
    used: int
    limit: int
    asked: int
    fix: str
    freed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where sizes are offered ("Region us-east-1"), what they are, and names for "did you mean" beside theirs."""

    name: str
    sizes: Mapping[str, Size]
    known: frozenset[str] = field(default_factory=frozenset)


def sizes(wanted: Iterable[VmFacts], place: Place) -> Iterator[Finding]:
    """Sizes that do not exist, are not offered in the VM's zone, or are too small for its disks and networks."""
    told: set[tuple[str, str]] = set()
    for vm in wanted:
        for finding in _sized(vm, place):
            if (finding.code, finding.what) not in told:
                told.add((finding.code, finding.what))
                yield finding


def disks(vm: str, count: int, most: int | None, *, size: str = "A VM") -> Iterator[Finding]:
    """More disks than are attached to a VM, or to its size."""
    if most is not None and count > most:
        yield Finding(
            code="too-many-disks",
            what=f"VM '{vm}' has {count} disks.",
            why=f"{size} allows at most {most}.",
            fix="Choose a larger instance_type, or spread the disks over more VMs.",
        )


def limit(load: Limit, *, region: str) -> Iterator[Finding]:
    """A limit that the plan does not fit under; what the plan asks nothing of breaks none."""
    needed = load.used - load.freed + load.asked
    if load.asked <= 0 or load.limit < 0 or needed <= load.limit:
        return
    freed = f", {load.freed} become free" if load.freed else ""
    need = QuotaNeed(name=load.name, region=region, unit=load.unit, used=load.used, limit=load.limit, needed=needed)
    yield Finding(
        code="quota-exceeded",
        what=f"The quota for {load.label} does not allow {load.asked} more.",
        why=f"{load.used} of {load.limit} {load.unit} are in use{freed}; {needed} are needed.",
        fix=load.fix.format(needed=needed),
        quota=need,
    )


def unknown_name(kind: str, name: str, known: Iterable[str], *, where: str, setting: str) -> Finding:
    """A name that the cloud does not have, with the nearest that it has. `setting` is what names it."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    shown = [*names[:_FEW], *(["..."] if len(names) > _FEW else [])]
    return Finding(
        code=f"unknown-{kind.replace(' ', '-')}",
        what=f"{where} has no {kind} '{name}'.",
        why=f"It has {', '.join(shown)}." if names else "It lists none with that name.",
        fix=f"Write '{near[0]}'." if near else f"Correct {setting} in the cloud config or the environment's file.",
    )


def clock(ahead_s: float, *, cloud: str, most_s: float, is_fatal: bool) -> Iterator[Finding]:
    """A clock of this machine that is `ahead_s` off the cloud's."""
    if abs(ahead_s) > most_s:
        word = "ahead of" if ahead_s > 0 else "behind"
        yield Finding(
            code="clock-skew",
            what=f"This machine's clock is {abs(ahead_s):.0f} s {word} {cloud}'s.",
            why="Tokens, signatures and certificates depend on it.",
            fix="Set the clock: `timedatectl set-ntp true`.",
            is_fatal=is_fatal,
        )


def each(things: Iterable[_T], check: Callable[[_T], object]) -> Iterator[Finding]:
    """What a check refuses of each thing."""
    for thing in things:
        try:
            check(thing)
        except CloudError as error:
            yield Finding.of(error)


def all_of(checks: Iterable[Callable[[], Iterable[Finding]]]) -> tuple[Finding, ...]:
    """What all checks find, each once; that one cannot look is a finding, too."""
    found = [finding for check in checks for finding in _tried(check)]
    return tuple({(finding.code, finding.what): finding for finding in found}.values())


def _tried(check: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    try:
        yield from check()
    except CloudError as error:
        yield Finding.of(error)


def _sized(vm: VmFacts, place: Place) -> Iterator[Finding]:
    size = place.sizes.get(vm.size)
    if size is None:
        known = place.known | set(place.sizes)
        yield unknown_name("instance type", vm.size, known, where=place.name, setting="instance_type")
    elif size.restricted:
        yield _restricted(vm.size, place, size.restricted)
    else:
        yield from _fit(vm, size)


def _fit(vm: VmFacts, size: Size) -> Iterator[Finding]:
    offered = vm.zones if size.zones is None else size.zones
    for zone in sorted(vm.zones - offered):
        yield Finding(
            code="instance-type-not-in-zone",
            what=f"Zone {zone} does not offer instance type '{vm.size}'.",
            why=f"It is offered in {', '.join(sorted(offered)) or 'no zone'}.",
            fix="Choose another instance_type for that AZ, or another AZ for the instance group.",
        )
    yield from disks(vm.name, vm.disks, size.most_disks, size=vm.size)
    if size.most_interfaces is not None and vm.interfaces > size.most_interfaces:
        yield Finding(
            code="too-many-interfaces",
            what=f"VM '{vm.name}' has {vm.interfaces} networks, but {vm.size} allows {size.most_interfaces}.",
            why="Each network is a network interface of the VM.",
            fix="Choose a larger instance_type, or fewer networks for the instance group.",
        )
    if size.architectures and vm.architecture and vm.architecture not in size.architectures:
        yield Finding(
            code="image-architecture",
            what=f"{vm.image} is for {vm.architecture}, but {vm.size} is not.",
            why=f"{vm.size} supports {', '.join(size.architectures)}.",
            fix="Choose an image and an instance_type of the same architecture.",
        )


def _restricted(size: str, place: Place, why: str) -> Finding:
    return Finding(
        code="unknown-instance-type",
        what=f"{place.name} does not offer instance type '{size}' to this account.",
        why=f"It is restricted: {why}.",
        fix="Choose another instance_type, zone or region.",
    )
