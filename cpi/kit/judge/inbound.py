"""Whether a plan's VMs can be entered by SSH, and can ask one another for their health. Pure.

Takes what security groups let in to each VM, gives findings.
"""

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, OwnerKey, PreflightRequest

SSH_PORT = 22
HEALTH_PORT = 8853
"""UDP, at which instances ask each other for their health: DNS answers depend on it."""
LAST_PORT = 65535
ANYWHERE = "0.0.0.0/0"
_INNER = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
"""From no address of these does a connection come to a public address."""
_MOST_NAMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundRule:
    """A rule about connections to a VM. Its sources are `cidrs` without `but`, and members of `groups` (ids).

    `protocol` is "tcp" or "udp", or "" for both.
    """

    protocol: str = ""
    first_port: int = 0
    last_port: int = LAST_PORT
    cidrs: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    is_allowed: bool = True

    def is_about(self, protocol: str, port: int) -> bool:
        """Whether it decides about connections to a port."""
        return self.protocol in ("", protocol) and self.first_port <= port <= self.last_port


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundFacts:
    """What is let in to a VM's first interface: each of `lists` must let a connection in; in a list the first rule that
    fits decides, and without one the connection is refused.

    `groups` are the ids of the groups that the interface is a member of; `address` is "" while the cloud has not chosen
    it, `subnet` the range that it is from. `named` is whose rules these are, for people ("security group 'web'").
    """

    vm: str
    owner: OwnerKey
    named: str
    lists: tuple[tuple[InboundRule, ...], ...]
    groups: tuple[str, ...] = ()
    address: str = ""
    subnet: str = ""
    is_public: bool = False


def inbound(
    vms: Sequence[InboundFacts], request: PreflightRequest, *, sources: Sequence[str] = (ANYWHERE,)
) -> Iterator[Finding]:
    """VMs that no SSH connection can enter; as remarks, VMs that cannot ask each other for their health, and public
    ones whose SSH is open to more than `sources`.

    The director's machine reaches all others through the VMs that are direct in the request. Without any among the
    VMs, the others must let in some source. From inside its subnet a direct VM must let in the director's own address:
    no router on the way gives it another.
    """
    if request.is_inside:
        vms = [replace(vm, is_public=False) for vm in vms]
    entrances = [vm for vm in vms if vm.owner in request.direct]
    closed: dict[tuple[str, str], list[str]] = {}
    for vm in vms:
        near = _near_address(vm, request) if vm in entrances else ""
        if not (_lets_in_address(vm, near) if near else _is_entered(vm, entrances)):
            closed.setdefault((vm.named, near or _source_of(vm, entrances)), []).append(f"'{vm.vm}'")
    for (named, source), names in closed.items():
        yield _ssh_closed(named, names, source=source)
    for vm in entrances:
        yield from _ssh_open_wider(vm, sources)
    yield from _health(vms)


def _is_entered(vm: InboundFacts, entrances: Sequence[InboundFacts]) -> bool:
    if vm in entrances and vm.is_public:
        return _lets_in_some(vm, _is_outer)
    if vm in entrances or not entrances:
        return _lets_in_some(vm, lambda rule: bool(rule.cidrs or rule.groups))
    return any(_lets_in(vm, entrance, protocol="tcp", port=SSH_PORT) for entrance in entrances)


def _near_address(vm: InboundFacts, request: PreflightRequest) -> str:
    """The director's own address in the VM's subnet; "" where it is in another network or outside."""
    inside = sorted(request.director_addresses) if request.is_inside and vm.subnet else ()
    return next((address for address in inside if _within(address, vm.subnet)), "")


def _lets_in_address(vm: InboundFacts, address: str) -> bool:
    """Members of groups are unknown here: a rule that allows some may mean the director's machine."""
    return all(
        next((rule.is_allowed for rule in rules if rule.is_about("tcp", SSH_PORT) and _may_mean(rule, address)), False)
        for rules in vm.lists
    )


def _may_mean(rule: InboundRule, address: str) -> bool:
    is_in = any(_within(address, cidr) for cidr in rule.cidrs) and not any(_within(address, cidr) for cidr in rule.but)
    return is_in or (rule.is_allowed and bool(rule.groups))


def _health(vms: Sequence[InboundFacts]) -> Iterator[Finding]:
    """One remark for the rules of VMs that do not let in a VM of the plan."""
    alike: dict[tuple[object, ...], list[InboundFacts]] = {}
    for vm in vms:
        alike.setdefault((vm.lists, vm.groups, vm.subnet), []).append(vm)
    found: dict[str, Finding] = {}
    for own in alike.values():
        peers = [vm for others in alike.values() for vm in (own[1:2] if others is own else others[:1])]
        refused = next((peer for peer in peers if not _lets_in(own[0], peer, protocol="udp", port=HEALTH_PORT)), None)
        if refused is not None:
            found.setdefault(own[0].named, _health_closed(own[0].named, own[0].vm, refused.vm))
    yield from found.values()


def _lets_in(vm: InboundFacts, peer: InboundFacts, *, protocol: str, port: int) -> bool:
    return all(
        next((rule.is_allowed for rule in rules if rule.is_about(protocol, port) and _is_source(rule, peer)), False)
        for rules in vm.lists
    )


def _lets_in_some(vm: InboundFacts, is_meant: Callable[[InboundRule], bool]) -> bool:
    """Whether each list has a rule for SSH from sources as meant, and before it none that refuses every source."""
    return all(_has_allowing(rules, is_meant) for rules in vm.lists)


def _has_allowing(rules: Sequence[InboundRule], is_meant: Callable[[InboundRule], bool]) -> bool:
    for rule in rules:
        if rule.is_about("tcp", SSH_PORT) and rule.is_allowed and is_meant(rule):
            return True
        if rule.is_about("tcp", SSH_PORT) and not rule.is_allowed and ANYWHERE in rule.cidrs and not rule.but:
            return False
    return False


def _is_outer(rule: InboundRule) -> bool:
    inner = [ipaddress.ip_network(one) for one in _INNER]
    return any(not any(_within(cidr, str(one)) for one in inner) for cidr in rule.cidrs)


def _is_source(rule: InboundRule, peer: InboundFacts) -> bool:
    if set(rule.groups) & set(peer.groups):
        return True
    place = peer.address or peer.subnet
    is_in = any(not place or _within(place, cidr) for cidr in rule.cidrs)
    return is_in and not any(place and _within(place, cidr) for cidr in rule.but)


def _within(place: str, cidr: str) -> bool:
    one, other = ipaddress.ip_network(place), ipaddress.ip_network(cidr)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return one.subnet_of(other)
    return False


def _source_of(vm: InboundFacts, entrances: Sequence[InboundFacts]) -> str:
    """From where SSH connections come to it, for people."""
    if vm in entrances:
        return "the public address of the director's machine" if vm.is_public else "the director's machine"
    return f"VM '{entrances[0].vm}'" if entrances else "the jumpbox"


def _ssh_closed(named: str, names: Sequence[str], *, source: str) -> Finding:
    listed = ", ".join(names[:_MOST_NAMES]) + (f" and {len(names) - _MOST_NAMES} more" if names[_MOST_NAMES:] else "")
    return Finding(
        code="ssh-port-closed",
        what=f"No SSH connection reaches VM{'s' if len(names) > 1 else ''} {listed}.",
        why=f"{named} does not let TCP port {SSH_PORT} in from {source}.",
        fix="Add such a rule to that group, or name another security group in the cloud config.",
        written_names=tuple(names),
    )


def _ssh_open_wider(vm: InboundFacts, sources: Sequence[str]) -> Iterator[Finding]:
    opened = [rule for rules in vm.lists for rule in rules if rule.is_allowed and rule.is_about("tcp", SSH_PORT)]
    wider = [cidr for rule in opened if _is_outer(rule) for cidr in rule.cidrs if not _is_within_any(cidr, sources)]
    if vm.is_public and wider:
        yield Finding(
            code="ssh-open-wider",
            what=f"SSH of VM '{vm.vm}' is open to {', '.join(dict.fromkeys(wider))}.",
            why=f"{vm.named} says so; public_sources of the environment's file has {', '.join(sources)} alone, and "
            "compleat changes no security group that is not its own.",
            fix="Restrict that security group, or correct public_sources.",
            written_names=(vm.vm,),
            is_fatal=False,
        )


def _is_within_any(cidr: str, sources: Sequence[str]) -> bool:
    return any(_within(cidr, source) for source in (*sources, *_INNER))


def _health_closed(named: str, vm: str, peer: str) -> Finding:
    return Finding(
        code="health-port-closed",
        what=f"VM '{peer}' cannot ask VM '{vm}' for its health.",
        why=f"{named} does not let UDP port {HEALTH_PORT} in from there. Without answers, DNS names of a group lead to "
        "failing instances, too.",
        fix=f"Allow UDP port {HEALTH_PORT} between the instances, for example from the group itself.",
        written_names=(vm,),
        is_fatal=False,
    )
