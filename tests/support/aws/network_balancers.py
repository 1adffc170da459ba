"""Front ends of network load balancers, which moto drops: their addresses, and what is refused because of them.

Takes calls of ELB and EC2, gives refusals, changes moto's balancers.
"""

import ipaddress
from collections.abc import Iterator
from typing import Any

from moto.elbv2.models import AvailabilityZone, FakeLoadBalancer

from tests.support.aws import back
from tests.support.aws.answers import Answer, refusal
from tests.support.aws.calls import Call

_PLACE = "SubnetMappings.member.1"
_RESERVED = 4


class _AddressedBalancer(FakeLoadBalancer):
    """A balancer that answers with the address that it was made with."""

    front: dict[str, str]

    @property
    def availability_zones(self) -> list[Any]:
        zones = [AvailabilityZone(subnet) for subnet in self.subnets]
        for zone in zones:
            zone.load_balancer_addresses = [self.front]  # type: ignore[attr-defined]  # moto has none
        return zones


def refuse_making(call: Call) -> Answer | None:
    """An address of the subnet that is free, or an Elastic IP that is; not both."""
    allocation, inner = call.get(f"{_PLACE}.AllocationId"), call.get(f"{_PLACE}.PrivateIPv4Address")
    if call.get("Type") != "network":
        return None
    if call.get("Scheme") == "internal" and allocation:
        return refusal(call, "InvalidConfigurationRequest", "Internal load balancers cannot have Elastic IPs.")
    known = {one.allocation_id: one for one in back.ec2(call.region).addresses}
    if allocation and allocation not in known:
        return refusal(call, "AllocationIdNotFound", f"The allocation ID '{allocation}' is not valid.")
    if allocation and (known[allocation].association_id or any(holders(allocation, call.region))):
        return refusal(call, "ResourceInUse", f"The allocation ID '{allocation}' is already in use.")
    return _refuse_inner(call, inner) if inner else None


def _refuse_inner(call: Call, inner: str) -> Answer | None:
    subnet = back.subnet(call.region, call.get(f"{_PLACE}.SubnetId"))
    if subnet is None:
        return None
    range_ = ipaddress.IPv4Network(subnet.cidr_block)
    number = int(ipaddress.IPv4Address(inner)) - int(range_.network_address)
    taken = back.taken_addresses(call.region, subnet.id) | {one for one, _ in _inside(subnet.id, call.region)}
    if not _RESERVED <= number < range_.num_addresses - 1 or inner in taken:
        message = f"The private IPv4 address '{inner}' is not available in subnet '{subnet.id}'."
        return refusal(call, "InvalidConfigurationRequest", message)
    return None


def keep_front(call: Call, answer: Answer) -> None:
    """Keep the address of a balancer that was made."""
    for balancer in back.load_balancers(call.region).load_balancers.values():
        if balancer.name == call.get("Name") and balancer.type == "network":
            balancer.__class__ = _AddressedBalancer
            balancer.front = {"AllocationId": call.get(f"{_PLACE}.AllocationId")}
            if call.get("Scheme") == "internal":
                subnet = back.subnet(call.region, call.get(f"{_PLACE}.SubnetId"))
                first = next(one for number, one in enumerate(subnet.cidr) if number >= _RESERVED)
                inner = call.get(f"{_PLACE}.PrivateIPv4Address") or str(first)
                balancer.front = {"PrivateIPv4Address": inner}


def holders(allocation: str, region: str = back.REGION) -> Iterator[str]:
    """The balancers in front of which an Elastic IP is."""
    for balancer in back.load_balancers(region).load_balancers.values():
        if getattr(balancer, "front", {}).get("AllocationId") == allocation:
            yield str(balancer.name)


def in_subnet(subnet: str, region: str = back.REGION) -> bool:
    """Whether a balancer has an interface there."""
    balancers = back.load_balancers(region).load_balancers.values()
    return any(one.id == subnet for balancer in balancers for one in balancer.subnets)


def _inside(subnet: str, region: str) -> Iterator[tuple[str, str]]:
    for balancer in back.load_balancers(region).load_balancers.values():
        inner = getattr(balancer, "front", {}).get("PrivateIPv4Address")
        if inner and any(one.id == subnet for one in balancer.subnets):
            yield inner, str(balancer.name)
