"""moto's back ends, reached in the same process: for checks, corrections and inventories, never for the plugin.

Takes a region, gives backends.
"""

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

from moto.backends import get_backend
from moto.ec2.models.elastic_block_store import Volume
from moto.ec2.models.instance_types import INSTANCE_TYPES as INSTANCE_TYPES
from moto.ec2.models.instances import StateReason


class _BrokenVolume(Volume):
    @property
    def status(self) -> str:
        return "error"


ACCOUNT = "123456789012"
REGION = "us-east-1"


def ec2(region: str = REGION) -> Any:
    """EC2's."""
    return get_backend("ec2")[ACCOUNT][region]


def ssm(region: str = REGION) -> Any:
    """SSM's."""
    return get_backend("ssm")[ACCOUNT][region]


def s3() -> Any:
    """S3's, of all regions."""
    return get_backend("s3")[ACCOUNT]["aws"]


def has_profile(name: str) -> bool:
    """Whether IAM has an instance profile of that name."""
    held = get_backend("iam")[ACCOUNT]["aws"].instance_profiles.values()
    return any(one.name == name for one in held)


def add_profile(name: str, *, age_s: float = 0.0) -> None:
    """Make an instance profile without a role, as if so long ago."""
    made = get_backend("iam")[ACCOUNT]["aws"].create_instance_profile(name, "/", [])
    made.create_date -= datetime.timedelta(seconds=age_s)


def classic_balancers() -> Mapping[str, Any]:
    """Classic load balancers by name."""
    held: Mapping[str, Any] = get_backend("elb")[ACCOUNT][REGION].load_balancers
    return held


def load_balancers(region: str = REGION) -> Any:
    """ELB version 2."""
    return get_backend("elbv2")[ACCOUNT][region]


def route53() -> Any:
    """Route 53's."""
    return get_backend("route53")[ACCOUNT]["aws"]


def all_instances(region: str = REGION) -> Iterator[Any]:
    """Every instance, terminated ones included."""
    for reservation in list(ec2(region).reservations.values()):
        yield from reservation.instances


def instances(region: str = REGION) -> list[Any]:
    """Instances that are not terminated."""
    return [one for one in all_instances(region) if one.state != "terminated"]


def instance(region: str, cid: str) -> Any:
    """One of all; None when AWS would say it never was."""
    return next((one for one in all_instances(region) if one.id == cid), None)


def end_at_birth(region: str, cid: str) -> None:
    """Terminated with the reason that AWS gives where EBS has no room for its disk."""
    found = instance(region, cid)
    found.terminate()
    found.state_reason = StateReason("Client.VolumeLimitExceeded: Volume limit exceeded", "Client.VolumeLimitExceeded")


def break_volume(region: str, cid: str) -> None:
    """In error, as one whose key KMS does not give out."""
    ec2(region).volumes[cid].__class__ = _BrokenVolume


def subnet(region: str, cid: str) -> Any:
    """A subnet or None."""
    zones = ec2(region).subnets
    return next((held[cid] for held in zones.values() if cid in held), None)


class _Associated(dict[str, str]):
    """A state that moto looks into as a dictionary, and writes as a text."""

    def __str__(self) -> str:
        return self["State"]


def add_ipv6(subnet: Any, cidr: str, region: str = REGION) -> None:
    """Give a subnet an IPv6 range."""
    ec2(region).associate_subnet_cidr_block(subnet.id, cidr)
    for association in subnet.ipv6_cidr_block_associations.values():
        association["ipv6CidrBlockState"] = _Associated(association["ipv6CidrBlockState"])


def subnets(region: str = REGION) -> list[Any]:
    """Every subnet."""
    return [one for held in ec2(region).subnets.values() for one in held.values()]


def interfaces(region: str = REGION) -> list[Any]:
    """Every network interface."""
    return list(ec2(region).enis.values())


def taken_addresses(region: str, subnet_id: str) -> set[str]:
    """Private addresses that interfaces of a subnet have."""
    return {str(one.private_ip_address) for one in interfaces(region) if one.subnet.id == subnet_id}


def security_groups(region: str = REGION) -> list[Any]:
    """Every security group."""
    return [one for held in ec2(region).groups.values() for one in held.values()]
