"""Which of a VM's networks share a network interface, and what of that an interface cannot have. Pure.

Takes a VM's networks, gives interfaces in their order, and findings.
Source: cloudfoundry/bosh-aws-cpi-release src/bosh_aws_cpi/lib/cloud/aws/nic_group.rb, network_interface_manager.rb.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, NetworkKind, NetworkSettings, VmRequest
from cpi.kit.ipv6 import is_ipv6


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface; `networks` are those of its `nic_group` as written, one where it has none."""

    networks: tuple[NetworkSettings, ...]

    @property
    def main(self) -> NetworkSettings:
        """The IPv4 network, or the only one; a block of addresses is beside an address."""
        return min(self.networks, key=lambda one: (bool(one.block_bits), is_ipv6(one)))

    @property
    def others(self) -> tuple[NetworkSettings, ...]:
        """What it has beside the main one."""
        return tuple(one for one in self.networks if one is not self.main)

    @property
    def defaults(self) -> tuple[str, ...]:
        """What one of its networks is the default for."""
        return tuple(sorted({each for one in self.networks for each in one.defaults}))


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceRule:
    """What a cloud's interfaces can have. `cloud` begins a sentence ("The local cloud").

    `has_ipv6_alone`: an interface without IPv4 is possible. `block_bits` are the lengths of the blocks of addresses
    that a VM can be given, by version: none where the cloud has no such blocks.
    """

    cloud: str
    has_ipv6_alone: bool = True
    block_bits: Mapping[int, int] = field(default_factory=dict)


def interfaces_of(networks: Iterable[NetworkSettings]) -> tuple[Interface, ...]:
    """The interfaces in the order of their first networks; public addresses have none."""
    grouped: dict[tuple[str, str], list[NetworkSettings]] = {}
    for number, one in enumerate(networks):
        if one.kind is not NetworkKind.VIP:
            grouped.setdefault(("group", one.nic_group) if one.nic_group else ("", str(number)), []).append(one)
    return tuple(Interface(networks=tuple(each)) for each in grouped.values())


def findings(vms: Iterable[VmRequest], rule: InterfaceRule) -> Iterator[Finding]:
    """Interfaces that cannot be made; the same networks of several VMs are reported once."""
    interfaces = (interface for vm in vms for interface in interfaces_of(vm.networks))
    apart = {tuple(map(_facts, one.networks)): one for one in interfaces}
    for one in apart.values():
        yield from _of_one(one, rule)


def _of_one(interface: Interface, rule: InterfaceRule) -> Iterator[Finding]:
    names = [one.name for one in interface.networks]
    if len(names) > 1 and any(one.kind is NetworkKind.DYNAMIC for one in interface.networks):
        yield _finding(
            "nic-group-dynamic",
            names,
            why="One of them is dynamic; only manual networks share an interface.",
            fix="Remove `nic_group` from the dynamic network, or make it manual.",
        )
        return
    for version, found in (
        ("IPv4", _of_version(interface.networks, six=False)),
        ("IPv6", _of_version(interface.networks, six=True)),
    ):
        if len(found) > 1:
            yield _finding(
                "nic-group-address-twice",
                names,
                why=f"{' and '.join(found)} are {version} networks; an image configures one address of a version on an "
                "interface.",
                fix="Give them `nic_group`s of their own.",
            )
    unsupported = [one for one in interface.networks if one.block_bits not in (0, _size(one, rule))]
    yield from (_block(one, rule) for one in unsupported)
    if interface.main.block_bits and not unsupported:
        yield Finding(
            code="prefix-without-address",
            what=f"Network '{interface.main.name}' gives a block of addresses to an interface without an address.",
            why="A block is routed to the address of an interface.",
            fix="Put it and a network without `prefix` into one `nic_group` in the manifest.",
            written_names=(interface.main.name,),
        )
    if is_ipv6(interface.main) and not rule.has_ipv6_alone:
        yield Finding(
            code="ipv6-without-ipv4",
            what=f"Network '{interface.main.name}' is IPv6 and has an interface of its own.",
            why=f"{rule.cloud} gives each interface an IPv4 address, which no plan would know.",
            fix="Put it and an IPv4 network of the same subnet into one `nic_group` in the manifest.",
            written_names=(interface.main.name,),
        )


def _facts(network: NetworkSettings) -> tuple[str, NetworkKind, bool, int]:
    return network.name, network.kind, is_ipv6(network), network.block_bits


def _of_version(networks: Sequence[NetworkSettings], *, six: bool) -> list[str]:
    return [f"'{one.name}'" for one in networks if is_ipv6(one) is six and not one.block_bits]


def _size(network: NetworkSettings, rule: InterfaceRule) -> int:
    return rule.block_bits.get(6 if is_ipv6(network) else 4, 0)


def _block(network: NetworkSettings, rule: InterfaceRule) -> Finding:
    most = _size(network, rule)
    version = "IPv6" if is_ipv6(network) else "IPv4"
    why = f"{rule.cloud} gives a VM {version} blocks of {most} bits." if most else f"{rule.cloud} has no such blocks."
    return Finding(
        code="prefix-size-unsupported",
        what=f"Network '{network.name}' gives each instance a block of addresses of {network.block_bits} bits.",
        why=why,
        fix=f"Set `prefix: {most}` in the cloud config." if most else "Remove `prefix` in the cloud config.",
        written_names=(network.name,),
    )


def subnets_differ(interface: Interface, places: Iterable[str]) -> Finding:
    """The networks of one interface are in several places."""
    return _finding(
        "nic-group-subnets-differ",
        [one.name for one in interface.networks],
        why=f"An interface is in one place; they are in {', '.join(sorted(places))}.",
        fix="Name the same place in the cloud properties of their subnets, or give them `nic_group`s of their own.",
    )


def _finding(code: str, names: Sequence[str], *, why: str, fix: str) -> Finding:
    shown = ", ".join(f"'{name}'" for name in names)
    what = f"Networks {shown} cannot share a network interface."
    return Finding(code=code, what=what, why=why, fix=fix, written_names=tuple(names))
