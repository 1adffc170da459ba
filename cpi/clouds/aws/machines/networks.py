"""Subnets and security groups as AWS tells them, and a VM's interfaces as AWS wants them. Pure.

Takes answers and settings, gives values and request parts.
"""

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.config import NetworkProperties, VipProperties, VmProperties, read_properties
from cpi.contract.value_classes import dataclass
from cpi.contract.values import NetworkKind, NetworkSettings, VmRequest
from cpi.kit import judge
from cpi.kit.ipv6 import is_ipv6
from cpi.kit.judge import SubnetFacts, WantedInterface
from cpi.kit.network_interfaces import Interface, InterfaceRule, interfaces_of

INTERFACES = InterfaceRule(cloud="AWS", has_ipv6_alone=False, block_bits={4: 28, 6: 80})
_RESERVED_FIRST = 4
"""AWS keeps the first four addresses of every subnet, and the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSubnet:
    """`network` is the landing zone's network it is a part of, "" for others."""

    id: str
    network: str
    cidr: ipaddress.IPv4Network
    zone: str
    vpc: str
    free: int
    ipv6: tuple[ipaddress.IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One network interface to come: its networks, its subnet and security groups by id."""

    interface: Interface
    subnet: AwsSubnet
    groups: tuple[str, ...]

    @property
    def settings(self) -> NetworkSettings:
        """The network whose IPv4 address it has."""
        return self.interface.main


def read_subnet(answer: Mapping[str, Any]) -> AwsSubnet:
    """A subnet of DescribeSubnets."""
    tags = resource_tags.read_tags(answer.get("Tags", ()))
    return AwsSubnet(
        id=answer["SubnetId"],
        network=tags.get(names.NAME_TAG, "").rpartition("-")[0],
        cidr=ipaddress.IPv4Network(answer["CidrBlock"]),
        zone=answer["AvailabilityZone"],
        vpc=answer.get("VpcId", ""),
        free=int(answer.get("AvailableIpAddressCount", 0)),
        ipv6=tuple(
            ipaddress.IPv6Network(one["Ipv6CidrBlock"])
            for one in answer.get("Ipv6CidrBlockAssociationSet", ())
            if one.get("Ipv6CidrBlockState", {}).get("State", "associated") == "associated"
        ),
    )


def properties_of(network: NetworkSettings, vm: VmRequest) -> NetworkProperties:
    """The network's cloud properties. Raises unknown-cloud-property."""
    where = f"network '{network.name}' of VM '{vm.name}'"
    return read_properties(NetworkProperties, network.cloud_properties, where=where)


def public_groups(request: VmRequest) -> tuple[str, ...]:
    """The security groups that its vip networks name. Raises unknown-cloud-property."""
    return tuple(
        group
        for network in public_networks(request)
        for group in read_properties(
            VipProperties, network.cloud_properties, where=f"vip network '{network.name}' of VM '{request.name}'"
        ).security_groups
    )


def private_networks(request: VmRequest) -> tuple[NetworkSettings, ...]:
    """Those with an interface. Raises CloudError, code vm-without-network."""
    return judge.require_network(request)


def public_networks(request: VmRequest) -> tuple[NetworkSettings, ...]:
    """Those that are a public address. Raises NotSupportedError beyond one."""
    return tuple(network for network in request.networks if network.kind is NetworkKind.VIP)


def subnet_for(settings: NetworkSettings, subnets: Sequence[AwsSubnet], *, zone: str) -> AwsSubnet | None:
    """The one of a network's subnets that holds the address; without an address the zone's, else the first."""
    if settings.ip:
        address = ipaddress.ip_address(settings.ip)  # one of IPv6 is in none
        return next((subnet for subnet in subnets if address in subnet.cidr), None)
    return next((subnet for subnet in subnets if zone in ("", subnet.zone)), None)


def check_address(vm: str, settings: NetworkSettings, subnet: AwsSubnet) -> None:
    """Raises CloudError: address-outside-network, address-reserved."""
    if settings.ip:
        wanted = WantedInterface(vm=vm, network=settings.name, subnet=subnet.id, address=settings.ip)
        ranges = subnet.ipv6 if is_ipv6(settings) else [subnet.cidr]
        judge.require(judge.placed(wanted, subnet_facts(ranges)))


def subnet_facts(
    cidrs: Sequence[ipaddress.IPv4Network] | Sequence[ipaddress.IPv6Network], used: int = 0
) -> SubnetFacts:
    """A subnet, or a network of several, with so many addresses in use; AWS keeps five of each for itself."""
    kept = _RESERVED_FIRST + 1
    return SubnetFacts(
        name=f"Subnet {', '.join(map(str, cidrs))}",
        ranges=tuple(map(str, cidrs)),
        free=sum(cidr.num_addresses - kept for cidr in cidrs) - used,
        first=_RESERVED_FIRST,
        last=1,
    )


def write_interfaces(cards: Iterable[Card], vm: VmProperties) -> list[dict[str, Any]]:
    """RunInstances' NetworkInterfaces: they live and die with the instance."""
    return [_write_interface(number, card, vm) for number, card in enumerate(cards)]


def _write_interface(number: int, card: Card, vm: VmProperties) -> dict[str, Any]:
    interface: dict[str, Any] = {
        "DeviceIndex": number,
        "SubnetId": card.subnet.id,
        "DeleteOnTermination": True,
    }
    if card.groups:
        interface["Groups"] = list(card.groups)
    for one in card.interface.networks:
        interface |= _write_address(one)
    if number == 0 and vm.auto_assign_public_ip:
        interface["AssociatePublicIpAddress"] = True
    return interface


def _write_address(network: NetworkSettings) -> dict[str, Any]:
    """An address of one of an interface's networks, or the block that it begins; {} leaves it to AWS."""
    if not network.ip:
        return {}
    if network.block_bits:
        block = f"{network.ip}/{network.block_bits}"
        return (
            {"Ipv6Prefixes": [{"Ipv6Prefix": block}]} if is_ipv6(network) else {"Ipv4Prefixes": [{"Ipv4Prefix": block}]}
        )
    return {"Ipv6Addresses": [{"Ipv6Address": network.ip}]} if is_ipv6(network) else {"PrivateIpAddress": network.ip}


def fill_addresses(networks: Sequence[NetworkSettings], answer: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The address of each private network by name, from an instance's interfaces in device order."""
    there = sorted(answer, key=lambda one: int(one.get("Attachment", {}).get("DeviceIndex", 0)))
    cards = zip(interfaces_of(networks), there, strict=False)
    return {network.name: _address_of(network, one) for card, one in cards for network in card.networks}


def _address_of(network: NetworkSettings, interface: Mapping[str, Any]) -> str:
    """The address of one network of an interface; where it begins, of a block."""
    key, word = ("Ipv6", "Ipv6Prefixes") if is_ipv6(network) else ("Ipv4", "Ipv4Prefixes")
    if network.block_bits:
        blocks = [str(one[f"{key}Prefix"]).partition("/")[0] for one in interface.get(word, ())]
        return network.ip if network.ip in blocks else next(iter(blocks), "")
    if is_ipv6(network):
        six = [str(ipaddress.ip_address(one["Ipv6Address"])) for one in interface.get("Ipv6Addresses", ())]
        return network.ip if network.ip in six else next(iter(six), "")
    return str(interface["PrivateIpAddress"])


def read_public_addresses(answer: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The Elastic IPs on an instance's interfaces."""
    found = [one.get("Association", {}) for one in answer]
    return frozenset(str(each["PublicIp"]) for each in found if each.get("PublicIp"))
