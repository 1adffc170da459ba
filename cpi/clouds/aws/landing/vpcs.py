"""The part of a landing zone in which the others are: the VPC.

Takes resources and owners, changes EC2; everything else is in cpi.clouds.aws.landing.ec2_parts and cpi.kit.landing.
"""

import ipaddress
from collections.abc import Mapping
from typing import Any

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.ec2_parts import Ec2Part, Ec2Words, texts
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit.landing import PartFound


class Vpcs(Ec2Part):
    kind = layout.VPC
    words = Ec2Words(
        lists=("DescribeVpcs", "Vpcs"), makes=("CreateVpc", "Vpc"), deletes="DeleteVpc", id="VpcId", tagged="vpc"
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {"CidrBlock": texts(resource.properties["cidrs"])[0]}

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        for cidr in texts(resource.properties["cidrs"]):
            self.widen(found, cidr)

    def widen(self, found: PartFound, cidr: str) -> None:
        """Give it room for a range that none of its own holds."""
        held = {one["CidrBlock"] for one in found.answer.get("CidrBlockAssociationSet", ())}
        wanted = ipaddress.IPv4Network(cidr)
        if not any(wanted.subnet_of(ipaddress.IPv4Network(one)) for one in held | {found.answer["CidrBlock"]}):
            self._api.change("ec2", "AssociateVpcCidrBlock", VpcId=found.id, CidrBlock=cidr)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"vpc_id": found.id, "vpc_cidr": found.answer["CidrBlock"]}
