"""What AWS checks of RunInstances and CreateNetworkInterface and moto does not: image, type, key, subnet, addresses.

Takes a call, gives a refusal or None. Looks only.
"""

import ipaddress
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPE_OFFERINGS, INSTANCE_TYPES

from tests.support.aws import back
from tests.support.aws.answers import Answer, refusal
from tests.support.aws.calls import Call

_RESERVED_FIRST = 4  # AWS keeps the network's own address and the three after it, and the last one


def refuse_launch(call: Call) -> Answer | None:
    """RunInstances."""
    return _refuse_words(call) or _refuse_addresses(call)


def refuse_profile(call: Call, *, is_known: bool) -> Answer | None:
    """RunInstances with an instance profile that IAM lacks, or that EC2 does not know (`is_known` False)."""
    name, arn = call.get("IamInstanceProfile.Name"), call.get("IamInstanceProfile.Arn")
    profile = name or arn.rpartition("/")[2]
    if call.action != "RunInstances" or not profile or (is_known and back.has_profile(profile)):
        return None
    field = "name" if name else "arn"
    words = f"Value ({name or arn}) for parameter iamInstanceProfile.{field} is invalid."
    return refusal(call, "InvalidParameterValue", f"{words} Invalid IAM Instance Profile {field}")


def refuse_interface(call: Call) -> Answer | None:
    """CreateNetworkInterface."""
    return _refuse_address(call, call.get("SubnetId"), call.get("PrivateIpAddress"))


def _refuse_words(call: Call) -> Answer | None:
    backend = back.ec2(call.region)
    image, kind, key = call.get("ImageId"), call.get("InstanceType"), call.get("KeyName")
    if image and image not in backend.amis:
        return refusal(call, "InvalidAMIID.NotFound", f"The image id '[{image}]' does not exist")
    if kind not in INSTANCE_TYPES:
        return refusal(call, "InvalidParameterValue", f"Invalid value '{kind}' for InstanceType.")
    if key and key not in backend.key_pairs:
        return refusal(call, "InvalidKeyPair.NotFound", f"The key pair '{key}' does not exist")
    if (fault := _refuse_fit(call, image, kind)) is not None:
        return fault
    wanted = call.get("Placement.AvailabilityZone")
    subnet = back.subnet(call.region, call.get("NetworkInterface.1.SubnetId"))
    if wanted and subnet is not None and wanted != subnet.availability_zone:
        return refusal(call, "InvalidParameterValue", f"The subnet is in {subnet.availability_zone}, not {wanted}.")
    return None


def _refuse_fit(call: Call, image: str, kind: str) -> Answer | None:
    architecture = back.ec2(call.region).amis[image].architecture
    if architecture not in INSTANCE_TYPES[kind]["ProcessorInfo"]["SupportedArchitectures"]:
        return refusal(
            call,
            "InvalidParameterValue",
            f"The architecture '{kind}' of the specified instance type does not match the architecture "
            f"'{architecture}' of the specified AMI.",
        )
    subnet = back.subnet(call.region, call.get("NetworkInterface.1.SubnetId"))
    if subnet is None:
        return None
    offered = INSTANCE_TYPE_OFFERINGS["availability-zone"][call.region]
    if not any(one["InstanceType"] == kind and one["Location"] == subnet.availability_zone for one in offered):
        return refusal(
            call,
            "Unsupported",
            f"Your requested instance type ({kind}) is not supported in your requested Availability Zone "
            f"({subnet.availability_zone}).",
        )
    return None


def _refuse_addresses(call: Call) -> Answer | None:
    number = 1
    while f"NetworkInterface.{number}.DeviceIndex" in call.parameters:
        name = f"NetworkInterface.{number}"
        refused = _refuse_address(call, call.get(f"{name}.SubnetId"), call.get(f"{name}.PrivateIpAddress"))
        refused = refused or _refuse_ipv6(call, call.get(f"{name}.SubnetId"), name)
        if refused is not None:
            return refused
        number += 1
    return None


def _refuse_ipv6(call: Call, subnet_id: str, name: str) -> Answer | None:
    """Addresses and prefixes of an interface: within the subnet, held by no other, prefixes of 80 bits (of IPv4 28)."""
    subnet = back.subnet(call.region, subnet_id)
    held = [one["ipv6CidrBlock"] for one in subnet.ipv6_cidr_block_associations.values()] if subnet else []
    taken = {text for nic in back.interfaces(call.region) for text in nic.ipv6_addresses}
    blocks = call.series(f"{name}.Ipv6Prefix.{{}}.Ipv6Prefix")
    for text in (*call.series(f"{name}.Ipv6Addresses.{{}}.Ipv6Address"), *blocks):
        wanted = ipaddress.IPv6Network(text)
        if not any(wanted.subnet_of(ipaddress.IPv6Network(cidr)) for cidr in held):
            return refusal(call, "InvalidParameterValue", f"Address {text} does not fall within the subnet's range")
        if text in taken:
            return refusal(call, "InvalidIPAddress.InUse", f"Address {text} is in use.")
    short = [text for text in blocks if not text.endswith("/80")]
    short += [text for text in call.series(f"{name}.Ipv4Prefix.{{}}.Ipv4Prefix") if not text.endswith("/28")]
    return refusal(call, "InvalidParameterValue", f"Invalid prefix {short[0]}") if short else None


def _refuse_address(call: Call, subnet_id: str, address: str) -> Answer | None:
    subnet = back.subnet(call.region, subnet_id)
    if subnet is None:
        return refusal(call, "InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    taken = back.taken_addresses(call.region, subnet_id)
    if not address:
        free = subnet.cidr.num_addresses - _RESERVED_FIRST - 1 - len(taken)
        if free > 0:
            return None
        return refusal(
            call, "InsufficientFreeAddressesInSubnet", f"Insufficient free addresses to launch in {subnet_id}."
        )
    if address in taken:
        return refusal(call, "InvalidIPAddress.InUse", f"Address {address} is in use.")
    return _refuse_place(call, subnet, ipaddress.IPv4Address(address))


def _refuse_place(call: Call, subnet: Any, address: ipaddress.IPv4Address) -> Answer | None:
    if address not in subnet.cidr:
        return refusal(
            call, "InvalidParameterValue", f"Address {address} does not fall within the subnet's address range"
        )
    offset = int(address) - int(subnet.cidr.network_address)
    if offset < _RESERVED_FIRST or address == subnet.cidr.broadcast_address:
        return refusal(call, "InvalidParameterValue", f"Address {address} is in subnet's reserved address range")
    return None
