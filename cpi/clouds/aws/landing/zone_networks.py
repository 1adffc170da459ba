"""The parts of a landing zone that are networks: VPC, internet gateway, subnets, route tables, NAT gateway.

Takes resources and owners, changes AWS. Each part is found by its tags, created if missing, and completed: after an
interruption the same call continues.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.contract.errors import CloudError, NotFoundError, TransientError
from cpi.contract.values import LandingResource, OwnerKey, OwnerQuery

Told = Mapping[str, Any]


class Part(Protocol):
    """One kind of landing resource."""

    id_key: str

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        """Those with these tags."""

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        """Create one, with its tags."""

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        """Whatever it still lacks."""

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        """Variables for cloud configs."""

    def delete(self, cid: str) -> None:
        """Remove it; raises NotFoundError when it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneApi:
    """What every part needs: AWS, and to find the others of its landing zone."""

    api: Api

    def id_of(self, part: Part, name: str, *, kind: str, owner: OwnerKey) -> str:
        """Another part's id. Raises TransientError, code not-visible-yet: AWS may not show it yet."""
        query = OwnerQuery(environment=owner.environment, deployment="")
        wanted = {**resource_tags.query_filters(query, kind), f"tag:{names.NAME_TAG}": name}
        told = min(part.find(wanted), key=lambda one: str(one[part.id_key]), default=None)
        if told is None:
            raise TransientError(
                "not-visible-yet", f"AWS does not show {kind} '{name}' yet.", fix="No action needed: compleat retries."
            )
        return str(told[part.id_key])


def label(resource: LandingResource, owner: OwnerKey) -> resource_tags.Label:
    """The tags of a landing resource."""
    return resource_tags.Label(owner=owner, kind=resource.kind, name=resource.name)


def words(value: object) -> list[str]:
    """A list of texts from a resource's properties."""
    return [str(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str) else []


class Vpcs:
    id_key = "VpcId"

    def __init__(self, zone_api: ZoneApi) -> None:
        self._api = zone_api.api

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        return self._api.list_all("DescribeVpcs", "Vpcs", Filters=filters(wanted))

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        first = words(resource.properties["cidrs"])[0]
        tags = resource_tags.specify(label(resource, owner), "vpc")
        told: Told = self._api.change("ec2", "CreateVpc", CidrBlock=first, TagSpecifications=tags)["Vpc"]
        return told

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        there = {one["CidrBlock"] for one in told.get("CidrBlockAssociationSet", ())} | {told["CidrBlock"]}
        for cidr in words(resource.properties["cidrs"]):
            if cidr not in there:
                self._api.change("ec2", "AssociateVpcCidrBlock", VpcId=told["VpcId"], CidrBlock=cidr)

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {"vpc_id": told["VpcId"], "vpc_cidr": told["CidrBlock"]}

    def delete(self, cid: str) -> None:
        self._api.change("ec2", "DeleteVpc", VpcId=cid)


class Gateways:
    id_key = "InternetGatewayId"

    def __init__(self, zone_api: ZoneApi, vpcs: Vpcs) -> None:
        self._zone_api = zone_api
        self._api = zone_api.api
        self._vpcs = vpcs

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        return self._api.list_all("DescribeInternetGateways", "InternetGateways", Filters=filters(wanted))

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        tags = resource_tags.specify(label(resource, owner), "internet-gateway")
        told: Told = self._api.change("ec2", "CreateInternetGateway", TagSpecifications=tags)["InternetGateway"]
        return told

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        if told.get("Attachments"):
            return
        vpc = self._zone_api.id_of(self._vpcs, "vpc", kind=layout.VPC, owner=owner)
        try:
            self._api.change("ec2", "AttachInternetGateway", InternetGatewayId=told["InternetGatewayId"], VpcId=vpc)
        except CloudError as error:
            if sdk.code_of(error) != "Resource.AlreadyAssociated":
                raise

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {"internet_gateway_id": told["InternetGatewayId"]}

    def delete(self, cid: str) -> None:
        told = self._api.read("ec2", "DescribeInternetGateways", InternetGatewayIds=[cid])["InternetGateways"][0]
        for held in told.get("Attachments", ()):
            self._api.change("ec2", "DetachInternetGateway", InternetGatewayId=cid, VpcId=held["VpcId"])
        self._api.change("ec2", "DeleteInternetGateway", InternetGatewayId=cid)


class Subnets:
    id_key = "SubnetId"

    def __init__(self, zone_api: ZoneApi, vpcs: Vpcs) -> None:
        self._zone_api = zone_api
        self._api = zone_api.api
        self._vpcs = vpcs

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        return self._api.list_all("DescribeSubnets", "Subnets", Filters=filters(wanted))

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        told: Told = self._api.change(
            "ec2",
            "CreateSubnet",
            VpcId=self._zone_api.id_of(self._vpcs, "vpc", kind=layout.VPC, owner=owner),
            CidrBlock=str(resource.properties["cidr"]),
            AvailabilityZone=str(resource.properties["zone"]),
            TagSpecifications=resource_tags.specify(label(resource, owner), "subnet"),
        )["Subnet"]
        return told

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        """Nothing."""

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        network, _, zone = name.rpartition("-")
        return {
            f"{network}_subnet_{zone}": told["SubnetId"],
            f"{network}_cidr_{zone}": told["CidrBlock"],
            f"availability_zone_{zone}": told["AvailabilityZone"],
        }

    def delete(self, cid: str) -> None:
        self._api.change("ec2", "DeleteSubnet", SubnetId=cid)


class NatGateways:
    id_key = "NatGatewayId"

    def __init__(self, zone_api: ZoneApi, subnets: Subnets, addresses: Part) -> None:
        self._zone_api = zone_api
        self._api = zone_api.api
        self._subnets = subnets
        self._addresses = addresses

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        for told in self._api.list_all("DescribeNatGateways", "NatGateways", Filter=filters(wanted)):
            if told.get("State") not in ("deleted", "failed"):
                yield told

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        subnet, address = str(resource.properties["subnet"]), str(resource.properties["address"])
        told: Told = self._api.change(
            "ec2",
            "CreateNatGateway",
            SubnetId=self._zone_api.id_of(self._subnets, subnet, kind=layout.SUBNET, owner=owner),
            AllocationId=self._zone_api.id_of(self._addresses, address, kind=layout.ADDRESS, owner=owner),
            ClientToken=names.part_token(owner, kind=resource.kind, name=resource.name),
            TagSpecifications=resource_tags.specify(label(resource, owner), "natgateway"),
        )["NatGateway"]
        return told

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        if told.get("State") == "pending":
            raise TransientError(
                "nat-not-ready-yet", "The NAT gateway is being created.", fix="No action needed: compleat retries."
            )

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {"nat_gateway_id": told["NatGatewayId"]}

    def delete(self, cid: str) -> None:
        told = self._api.read("ec2", "DescribeNatGateways", NatGatewayIds=[cid])["NatGateways"][0]
        if told["State"] == "deleted":
            return
        if told["State"] != "deleting":
            self._api.change("ec2", "DeleteNatGateway", NatGatewayId=cid)
            told = self._api.read("ec2", "DescribeNatGateways", NatGatewayIds=[cid])["NatGateways"][0]
        if told["State"] != "deleted":
            raise TransientError("nat-still-deleting", "The NAT gateway is being deleted.", fix="Nothing.")


class RouteTables:
    id_key = "RouteTableId"

    def __init__(self, zone_api: ZoneApi, vpcs: Vpcs, subnets: Subnets) -> None:
        self._zone_api = zone_api
        self._api = zone_api.api
        self._vpcs = vpcs
        self._subnets = subnets
        self.targets: Mapping[str, tuple[Part, str, str]] = {}
        """By what a table goes through: the part, its name, and what CreateRoute calls it."""

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        return self._api.list_all("DescribeRouteTables", "RouteTables", Filters=filters(wanted))

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        told: Told = self._api.change(
            "ec2",
            "CreateRouteTable",
            VpcId=self._zone_api.id_of(self._vpcs, "vpc", kind=layout.VPC, owner=owner),
            ClientToken=names.part_token(owner, kind=resource.kind, name=resource.name),
            TagSpecifications=resource_tags.specify(label(resource, owner), "route-table"),
        )["RouteTable"]
        return told

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        table = str(told["RouteTableId"])
        if not any(route.get("DestinationCidrBlock") == "0.0.0.0/0" for route in told.get("Routes", ())):
            kind = str(resource.properties["through"])
            part, name, parameter = self.targets[kind]
            target = self._zone_api.id_of(part, name, kind=kind, owner=owner)
            self._api.change(
                "ec2", "CreateRoute", RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **{parameter: target}
            )
        there = {one.get("SubnetId") for one in told.get("Associations", ())}
        for name in words(resource.properties["subnets"]):
            subnet = self._zone_api.id_of(self._subnets, name, kind=layout.SUBNET, owner=owner)
            if subnet not in there:
                self._api.change("ec2", "AssociateRouteTable", RouteTableId=table, SubnetId=subnet)

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {f"{name.replace('-', '_')}_id": told["RouteTableId"]}

    def delete(self, cid: str) -> None:
        told = self._api.read("ec2", "DescribeRouteTables", RouteTableIds=[cid])["RouteTables"][0]
        for held in told.get("Associations", ()):
            if not held.get("Main"):
                self._let_go(str(held["RouteTableAssociationId"]))
        self._api.change("ec2", "DeleteRouteTable", RouteTableId=cid)

    def _let_go(self, association: str) -> None:
        try:
            self._api.change("ec2", "DisassociateRouteTable", AssociationId=association)
        except NotFoundError:
            return
