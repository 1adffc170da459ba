"""The parts of a landing zone that let people in: security groups, public addresses, the key pair.

Takes resources and owners, changes EC2; everything else is in cpi.clouds.aws.landing.ec2_parts and cpi.kit.landing.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.aws.landing import in_use, inbound_permissions, layout
from cpi.clouds.aws.landing.ec2_parts import Ec2Part, Ec2Words, texts
from cpi.clouds.aws.landing.inbound_permissions import Permission
from cpi.clouds.aws.landing.vpcs import Vpcs
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names
from cpi.clouds.aws.wire.api import Api
from cpi.contract.errors import CloudError, ConflictError
from cpi.contract.values import NO_TAGS, LandingResource, OwnerKey
from cpi.kit.landing import PartFound


class SecurityGroups(Ec2Part):
    kind = layout.GROUP
    words = Ec2Words(
        lists=("DescribeSecurityGroups", "SecurityGroups"),
        makes=("CreateSecurityGroup", ""),
        deletes="DeleteSecurityGroup",
        id="GroupId",
        tagged="security-group",
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {
            "GroupName": f"compleat-{resource.name}",
            "Description": f"{resource.name} of environment {owner.environment}",
            "VpcId": Vpcs(self._api).id_of("vpc", owner),
        }

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        if "permissions" in resource.properties:
            self._change(found, inbound_permissions.planned(resource.properties["permissions"]))
        elif not found.answer.get("IpPermissions"):
            self._allow(found.id, _rules(resource, found.id))

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return tuple(one.line for one in inbound_permissions.there(found.answer))

    def _change(self, found: PartFound, wanted: Sequence[Permission]) -> None:
        """What is let in by both is let in all the time."""
        there = inbound_permissions.there(found.answer)
        self._allow(found.id, inbound_permissions.render(one for one in wanted if one not in there))
        extra = inbound_permissions.render(one for one in there if one not in wanted)
        if extra:
            self._api.change("ec2", "RevokeSecurityGroupIngress", GroupId=found.id, IpPermissions=extra)

    def _allow(self, group: str, rules: Sequence[Mapping[str, Any]]) -> None:
        if not rules:
            return
        try:
            self._api.change("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=list(rules))
        except CloudError as error:
            if sdk.code_of(error) != "InvalidPermission.Duplicate":
                raise

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_security_group": found.id}

    def explain(self, error: ConflictError, id_: str) -> CloudError:
        return in_use.of_interfaces(self._api, error, {"group-id": id_})


class ElasticAddresses(Ec2Part):
    """`dns_names` are the names that the environment's addresses have, by their own."""

    kind = layout.ADDRESS
    words = Ec2Words(
        lists=("DescribeAddresses", "Addresses"),
        makes=("AllocateAddress", ""),
        deletes="ReleaseAddress",
        id="AllocationId",
        tagged="elastic-ip",
    )

    def __init__(self, api: Api, dns_names: Mapping[str, str] = NO_TAGS) -> None:
        super().__init__(api)
        self._dns_names = dns_names

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {"Domain": "vpc"}

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        address = found.answer["PublicIp"]
        host = self._dns_names.get(found.name) or address
        return {f"{found.name}_public_ip": address, f"{found.name}_public_host": host}

    def explain(self, error: ConflictError, id_: str) -> CloudError:
        return in_use.of_holders(self._api, error, {str(self.look(id_).get("InstanceId", ""))})


class KeyPairs(Ec2Part):
    kind = layout.KEY
    words = Ec2Words(
        lists=("DescribeKeyPairs", "KeyPairs"),
        makes=("ImportKeyPair", ""),
        deletes="DeleteKeyPair",
        id="KeyPairId",
        tagged="key-pair",
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        key = str(resource.properties["public_key"]).encode()
        return {"KeyName": names.key_name(owner.environment), "PublicKeyMaterial": key}

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        name = names.key_name(owner.environment)
        try:
            return super().make(resource, owner)
        except ConflictError as error:
            raise ConflictError(
                "name-taken",
                f"The key pair '{name}' already exists and does not belong to this environment.",
                why=error.why,
                fix=f"Delete it (`aws ec2 delete-key-pair --key-name {name}`), or rename the environment.",
            ) from error

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"key_name": found.answer["KeyName"]}


def _rules(resource: LandingResource, group: str) -> list[dict[str, Any]]:
    """All traffic among its members, or single ports from outside."""
    if resource.properties.get("is_inside"):
        return [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    sources = [{"CidrIp": cidr} for cidr in texts(resource.properties["sources"])]
    return [
        {"IpProtocol": "tcp", "FromPort": int(port), "ToPort": int(port), "IpRanges": sources}
        for port in texts(resource.properties["ports"])
    ]
