"""The part of a landing zone in which the others are: the VPC.

Takes resources and owners, changes EC2; everything else is in cpi.clouds.aws.landing.ec2_parts and cpi.kit.landing.
"""

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
        answer = found.answer
        there = {one["CidrBlock"] for one in answer.get("CidrBlockAssociationSet", ())} | {answer["CidrBlock"]}
        for cidr in texts(resource.properties["cidrs"]):
            if cidr not in there:
                self._api.change("ec2", "AssociateVpcCidrBlock", VpcId=found.id, CidrBlock=cidr)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"vpc_id": found.id, "vpc_cidr": found.answer["CidrBlock"]}
