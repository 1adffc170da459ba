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
from cpi.kit.judge import SubnetFacts, WantedInterface

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One network interface to come: its settings, its subnet and security groups by id."""

    settings: NetworkSettings
    subnet: AwsSubnet
    groups: tuple[str, ...]


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
        judge.require(judge.placed(wanted, subnet_facts([subnet.cidr])))


def subnet_facts(cidrs: Sequence[ipaddress.IPv4Network], used: int = 0) -> SubnetFacts:
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
    if card.settings.ip:
        interface["PrivateIpAddress"] = card.settings.ip
    if number == 0 and vm.auto_assign_public_ip:
        interface["AssociatePublicIpAddress"] = True
    return interface


def fill_addresses(networks: Sequence[NetworkSettings], answer: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The address of each private network by name, from an instance's interfaces in device order."""
    interfaces = sorted(answer, key=lambda one: int(one.get("Attachment", {}).get("DeviceIndex", 0)))
    private = [network for network in networks if network.kind is not NetworkKind.VIP]
    return {network.name: str(one["PrivateIpAddress"]) for network, one in zip(private, interfaces, strict=False)}


def read_public_addresses(answer: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The Elastic IPs on an instance's interfaces."""
    found = [one.get("Association", {}) for one in answer]
    return frozenset(str(each["PublicIp"]) for each in found if each.get("PublicIp"))
