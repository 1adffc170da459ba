"""Each instance's addresses: the one it has, a listed one, or the lowest that is free.

Takes seekers in plan order, networks and what is taken; gives each one's addresses by network, in the same order.
Source: cloudfoundry/bosh deployment_plan/ip_provider/*, network_planner/*.
"""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind
from director.errors import InputError, raise_all
from director.model.environments.desired import GroupNetwork, Network, Subnet


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRequest:
    """Who needs addresses. `has` are those reserved for it, `statics` those that placement chose for it.

    `holds` are those of its VM: no other VM may have them before that VM is gone.
    """

    name: str
    az: str | None
    networks: tuple[GroupNetwork, ...]
    statics: Mapping[str, str] = field(default_factory=dict)
    has: Mapping[str, str] = field(default_factory=dict)
    holds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Who holds an address; `left` names the former group of those that belong to a group which is gone."""

    holders: Mapping[str, str] = field(default_factory=dict)
    left: Mapping[str, str] = field(default_factory=dict)


def reserve_addresses(
    requests: Sequence[AddressRequest], networks: Mapping[str, Network], taken: Taken
) -> tuple[Mapping[str, str], ...]:
    """Give each seeker one address on every manual and vip network; on dynamic ones the cloud decides.

    On a vip network without subnets only those that placement chose.

    `taken` are addresses of others, those of the seekers themselves not among them.
    Raises InputError: address-pool-empty (with counts), address-taken.
    """
    kept = _kept_by_all(requests, networks, taken)
    problems = _collisions(requests, kept, taken)
    own = {ip for request in requests for ip in (*request.has.values(), *request.holds)}
    pools = _Pools(networks, {*taken.holders, *own, *(ip for mapping in kept for ip in mapping.values())})
    given = [_filled(request, mapping, networks, pools=pools) for request, mapping in zip(requests, kept, strict=True)]
    raise_all((*problems, *pools.problems()))
    return tuple(given)


def subnet_of(network: Network, az: str | None, address: str = "") -> Subnet | None:
    """The subnet that holds the address, or the AZ's first without one; None if there is none."""
    fitting = [subnet for subnet in network.subnets if not subnet.azs or not az or az in subnet.azs]
    if address:
        fitting = [subnet for subnet in fitting if _number(address) in _Span(subnet.cidr)]
    return fitting[0] if fitting else None


class _Span:
    """The numbers of a CIDR."""

    def __init__(self, cidr: str) -> None:
        net = ipaddress.ip_network(cidr, strict=False)
        self.first = int(net.network_address)
        self.last = int(net.broadcast_address)
        self.version = net.version

    def __contains__(self, number: int) -> bool:
        return self.first <= number <= self.last


class _Pools:
    """Free addresses of each subnet, lowest first, each given once; and who went away with nothing."""

    def __init__(self, networks: Mapping[str, Network], used: frozenset[str] | set[str]) -> None:
        self._networks = networks
        self._used = {_number(ip) for ip in used}
        self._free: dict[tuple[str, int], Iterator[int]] = {}
        self._empty: dict[tuple[str, str | None], list[str]] = {}

    def take(self, name: str, request: AddressRequest) -> str:
        for place, subnet in enumerate(self._networks[name].subnets):
            if subnet.azs and request.az and request.az not in subnet.azs:
                continue
            free = self._free.setdefault((name, place), _dynamic(subnet))
            step = _step(subnet) if subnet.cidr else 1
            number = next((number for number in free if not self._is_used(number, step)), None)
            if number is not None:
                self._used.add(number)
                return _text(number, subnet)
        self._empty.setdefault((name, request.az), []).append(request.name)
        return ""

    def _is_used(self, number: int, step: int) -> bool:
        """A block is, too, if someone has an address in it."""
        return number in self._used or (step > 1 and any(number <= one < number + step for one in self._used))

    def problems(self) -> list[InputError]:
        return [self._problem(name, az, requests) for (name, az), requests in self._empty.items()]

    def _problem(self, name: str, az: str | None, requests: Sequence[str]) -> InputError:
        subnets = [one for one in self._networks[name].subnets if not one.azs or not az or az in one.azs]
        pools = [frozenset(_dynamic(subnet)) for subnet in subnets]
        total = sum(len(pool) for pool in pools)
        used = sum(len(pool & self._used) for pool in pools)
        place = f" in AZ '{az}'" if az else ""
        return InputError(
            "address-pool-empty",
            f"Network '{name}' has too few addresses{place}: none is left for {_some(requests)}.",
            why=f"Of {total} assignable addresses, {used} are in use and {len(requests)} more are needed.",
            fix=f"Widen the range of network '{name}', reserve less of it, or lower the instance counts.",
            where=self._networks[name].where,
        )


def _kept_by_all(
    requests: Sequence[AddressRequest], networks: Mapping[str, Network], taken: Taken
) -> list[dict[str, str]]:
    """What each keeps. An instance without a VM loses a kept address to an instance that has it or is assigned it."""
    firm = {*taken.holders, *(ip for request in requests for ip in (*request.statics.values(), *request.holds))}
    kept = []
    for request in requests:
        kept.append(_kept(request, networks, lost=frozenset() if request.holds else firm))
        firm |= set(kept[-1].values())
    return kept


def _kept(request: AddressRequest, networks: Mapping[str, Network], *, lost: Collection[str]) -> dict[str, str]:
    kept = dict(request.statics)
    for net in request.networks:
        address = request.has.get(net.name, "")
        if net.static_ips or net.name in kept or not address or address in lost:
            continue
        if _is_assignable(networks[net.name], request.az, address):
            kept[net.name] = address
    return kept


def _filled(
    request: AddressRequest, kept: dict[str, str], networks: Mapping[str, Network], *, pools: _Pools
) -> dict[str, str]:
    for net in request.networks:
        network = networks[net.name]
        is_shared = network.kind is NetworkKind.VIP and network.subnets
        if (network.kind is NetworkKind.MANUAL or is_shared) and net.name not in kept:
            kept[net.name] = pools.take(net.name, request)
    return {net.name: kept[net.name] for net in request.networks if net.name in kept}


def _collisions(
    requests: Sequence[AddressRequest], kept: Sequence[Mapping[str, str]], taken: Taken
) -> list[InputError]:
    holders: dict[str, str] = {}
    problems = []
    for request, mapping in zip(requests, kept, strict=True):
        for name, ip in mapping.items():
            holder = taken.holders.get(ip) or holders.setdefault(ip, request.name)
            if holder != request.name or ip in taken.holders:
                problems.append(_taken(request, name, ip, holder=holder, left=taken.left.get(ip, "")))
    return problems


def _taken(request: AddressRequest, network: str, ip: str, *, holder: str, left: str) -> InputError:
    group = request.name.partition("/")[0]
    return InputError(
        "address-taken",
        f"Address {ip} on network '{network}', wanted for {request.name}, is taken.",
        why=f"It is held by {holder}.",
        fix=f"If '{group}' is group '{left}' under a new name, add `migrated_from: [{{name: {left}}}]` to it: its "
        "VM, disk and address are kept. Otherwise choose another static IP, or deploy once without the new group."
        if left
        else "Choose another static IP, or delete what holds this one first.",
        where=next((net.where for net in request.networks if net.name == network), ""),
    )


def _is_assignable(network: Network, az: str | None, address: str) -> bool:
    """Whether an instance in the AZ may keep an address that it did not ask for by name."""
    if network.kind is NetworkKind.VIP:
        subnets = [subnet for subnet in network.subnets if not subnet.azs or not az or az in subnet.azs]
        return any(_is_listed(address, subnet) for subnet in subnets)
    return network.kind is NetworkKind.MANUAL and _is_dynamic(address, subnet_of(network, az, address))


def _dynamic(subnet: Subnet) -> Iterator[int]:
    """The addresses that may be given out, ascending: not the first, last, gateway, reserved or static ones.

    Of a vip network's subnet, which has no range, the listed ones. Of a subnet with blocks the first address of each.
    """
    if not subnet.cidr:
        for piece in subnet.static:
            yield from range(_number(piece.first), _number(piece.last) + 1)
        return
    span, step = _Span(subnet.cidr), _step(subnet)
    holes = [*_holes(subnet), (span.first, span.first), (span.last, span.last)]
    number = span.first
    while number + step - 1 <= span.last:
        hole = max((last for first, last in holes if first <= number + step - 1 and number <= last), default=None)
        if hole is None:
            yield number
        number = number + step if hole is None else span.first + -(-(hole + 1 - span.first) // step) * step


def _is_dynamic(address: str, subnet: Subnet | None) -> bool:
    """Whether it is one that may be given out, without looking at all of them."""
    if subnet is None:
        return False
    span, step, number = _Span(subnet.cidr), _step(subnet), _number(address)
    held = (number, number + step - 1)
    is_inside = span.first < held[0] and held[1] < span.last and (number - span.first) % step == 0
    return is_inside and not any(first <= held[1] and held[0] <= last for first, last in _holes(subnet))


def _is_listed(address: str, subnet: Subnet) -> bool:
    return any(_number(one.first) <= _number(address) <= _number(one.last) for one in subnet.static)


def _step(subnet: Subnet) -> int:
    """How many addresses each instance gets."""
    whole = ipaddress.ip_network(subnet.cidr).max_prefixlen
    return 1 << (whole - (subnet.block_bits or whole))


def _holes(subnet: Subnet) -> list[tuple[int, int]]:
    holes = [(_number(one.first), _number(one.last)) for one in (*subnet.reserved, *subnet.static)]
    return [*holes, (_number(subnet.gateway), _number(subnet.gateway))] if subnet.gateway else holes


def _number(address: str) -> int:
    return int(ipaddress.ip_address(address))


def _text(number: int, subnet: Subnet) -> str:
    version = ipaddress.ip_interface(subnet.cidr or subnet.static[0].first).version
    return str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "")
