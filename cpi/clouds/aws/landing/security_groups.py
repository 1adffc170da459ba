"""The parts of a landing zone that let people in: security groups, public addresses, the key pair.

Takes resources and owners, changes AWS; as in cpi.clouds.aws.landing.zone_networks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.zone_networks import Told, Vpcs, ZoneApi, label, words
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import filters
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import LandingResource, OwnerKey


class SecurityGroups:
    id_key = "GroupId"

    def __init__(self, zone_api: ZoneApi, vpcs: Vpcs) -> None:
        self._zone_api = zone_api
        self._api = zone_api.api
        self._vpcs = vpcs

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        return self._api.list_all("DescribeSecurityGroups", "SecurityGroups", Filters=filters(wanted))

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        made = self._api.change(
            "ec2",
            "CreateSecurityGroup",
            GroupName=f"compleat-{resource.name}",
            Description=f"{resource.name} of environment {owner.environment}",
            VpcId=self._zone_api.id_of(self._vpcs, "vpc", kind=layout.VPC, owner=owner),
            TagSpecifications=resource_tags.specify(label(resource, owner), "security-group"),
        )
        return {"GroupId": made["GroupId"], "Tags": resource_tags.write_tags(label(resource, owner))}

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        group = str(told["GroupId"])
        there = told.get("IpPermissions", ())
        if there:
            return
        try:
            self._api.change(
                "ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=_rules(resource, group)
            )
        except CloudError as error:
            if sdk.code_of(error) != "InvalidPermission.Duplicate":
                raise

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {f"{name}_security_group": told["GroupId"]}

    def delete(self, cid: str) -> None:
        self._api.change("ec2", "DeleteSecurityGroup", GroupId=cid)


class Addresses:
    id_key = "AllocationId"

    def __init__(self, zone_api: ZoneApi, dns_names: Mapping[str, str]) -> None:
        self._api = zone_api.api
        self._dns_names = dns_names

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        yield from self._api.read("ec2", "DescribeAddresses", Filters=filters(wanted))["Addresses"]

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        tags = resource_tags.specify(label(resource, owner), "elastic-ip")
        made = self._api.change("ec2", "AllocateAddress", Domain="vpc", TagSpecifications=tags)
        return {**made, "Tags": resource_tags.write_tags(label(resource, owner))}

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        """Nothing."""

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        host = self._dns_names.get(name) or told["PublicIp"]
        return {f"{name}_public_ip": told["PublicIp"], f"{name}_public_host": host}

    def delete(self, cid: str) -> None:
        self._api.change("ec2", "ReleaseAddress", AllocationId=cid)


class KeyPairs:
    id_key = "KeyPairId"

    def __init__(self, zone_api: ZoneApi) -> None:
        self._api = zone_api.api

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        yield from self._api.read("ec2", "DescribeKeyPairs", Filters=filters(wanted))["KeyPairs"]

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        name = names.key_name(owner.environment)
        try:
            made = self._api.change(
                "ec2",
                "ImportKeyPair",
                KeyName=name,
                PublicKeyMaterial=str(resource.properties["public_key"]).encode(),
                TagSpecifications=resource_tags.specify(label(resource, owner), "key-pair"),
            )
        except ConflictError as error:
            raise ConflictError(
                "name-taken",
                f"The key pair '{name}' already exists and does not belong to this environment.",
                why=error.why,
                fix=f"Delete it (`aws ec2 delete-key-pair --key-name {name}`), or rename the environment.",
            ) from error
        return {**made, "Tags": resource_tags.write_tags(label(resource, owner))}

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        """Nothing."""

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {"key_name": told["KeyName"]}

    def delete(self, cid: str) -> None:
        self._api.change("ec2", "DeleteKeyPair", KeyPairId=cid)


def _rules(resource: LandingResource, group: str) -> list[dict[str, Any]]:
    """All traffic among its members, or single ports from outside."""
    if resource.properties.get("is_inside"):
        return [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    sources = [{"CidrIp": cidr} for cidr in words(resource.properties["sources"])]
    return [
        {"IpProtocol": "tcp", "FromPort": int(port), "ToPort": int(port), "IpRanges": sources}
        for port in words(resource.properties["ports"])
    ]
