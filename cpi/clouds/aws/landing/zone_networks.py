"""The parts of a landing zone that are networks: VPC, internet gateway, subnets, route tables, NAT gateway, endpoint.

Takes resources and owners, changes EC2; everything else is in cpi.clouds.aws.landing.ec2_parts and cpi.kit.landing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cpi.clouds.aws.landing import in_use, layout, route_layout
from cpi.clouds.aws.landing.ec2_parts import Ec2Part, Ec2Words, state_of, texts, token_of
from cpi.clouds.aws.landing.security_groups import ElasticAddresses
from cpi.clouds.aws.landing.vpcs import Vpcs
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import filters
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.values import LandingResource, OwnerKey
from cpi.kit.judge import part_abilities
from cpi.kit.landing import PartFound

_WORLD = "0.0.0.0/0"


class InternetGateways(Ec2Part):
    kind = layout.INTERNET
    words = Ec2Words(
        lists=("DescribeInternetGateways", "InternetGateways"),
        makes=("CreateInternetGateway", "InternetGateway"),
        deletes="DeleteInternetGateway",
        id="InternetGatewayId",
        tagged="internet-gateway",
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {}

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        if found.answer.get("Attachments"):
            return
        vpc = Vpcs(self._api).id_of("vpc", owner)
        try:
            self._api.change("ec2", "AttachInternetGateway", InternetGatewayId=found.id, VpcId=vpc)
        except CloudError as error:
            if sdk.code_of(error) != "Resource.AlreadyAssociated":
                raise

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"internet_gateway_id": found.id}

    def remove(self, id_: str) -> None:
        for held in self.look(id_).get("Attachments", ()):
            self._api.change("ec2", "DetachInternetGateway", InternetGatewayId=id_, VpcId=held["VpcId"])
        super().remove(id_)

    def explain(self, error: ConflictError, id_: str) -> CloudError:
        vpcs = [held["VpcId"] for held in self.look(id_).get("Attachments", ())]
        return in_use.of_interfaces(self._api, error, {"vpc-id": tuple(vpcs)}) if vpcs else error


class Subnets(Ec2Part):
    kind = layout.SUBNET
    words = Ec2Words(
        lists=("DescribeSubnets", "Subnets"),
        makes=("CreateSubnet", "Subnet"),
        deletes="DeleteSubnet",
        id="SubnetId",
        tagged="subnet",
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        cidr, zone = str(resource.properties["cidr"]), str(resource.properties["zone"])
        vpcs = Vpcs(self._api)
        vpc = vpcs.need("vpc", owner.environment)
        vpcs.widen(vpc, cidr)
        return {"VpcId": vpc.id, "CidrBlock": cidr, "AvailabilityZone": zone}

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        """One that comes after the landing zone has a route table that is there."""
        if "routes" in resource.properties:
            RouteTables(self._api).serve(str(resource.properties["routes"]), found.id, owner)

    def entries(self, found: PartFound) -> tuple[str, ...]:
        """The table of one that comes after the landing zone; a name without a dot is of the landing zone itself."""
        table = RouteTables(self._api).name_for(found.id) if "." in found.name else ""
        return (layout.table_line(table),) if table else ()

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        network, _, zone = found.name.rpartition("-")
        return {
            f"{network}_subnet_{zone}": found.id,
            f"{network}_cidr_{zone}": found.answer["CidrBlock"],
            f"availability_zone_{zone}": found.answer["AvailabilityZone"],
        }

    def explain(self, error: ConflictError, id_: str) -> CloudError:
        return in_use.of_interfaces(self._api, error, {"subnet-id": id_})


class NatGateways(Ec2Part):
    kind = layout.NAT
    words = Ec2Words(
        lists=("DescribeNatGateways", "NatGateways"),
        makes=("CreateNatGateway", "NatGateway"),
        deletes="DeleteNatGateway",
        id="NatGatewayId",
        tagged="natgateway",
        filters="Filter",
    )
    gone = frozenset({"deleted", "failed"})

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {
            "SubnetId": Subnets(self._api).id_of(str(resource.properties["subnet"]), owner),
            "AllocationId": ElasticAddresses(self._api).id_of(str(resource.properties["address"]), owner),
            "ClientToken": token_of(resource, owner),
        }

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        if resource.entries is not None:
            self._require_address(found, str(resource.properties["address"]), owner)
        if state_of(found.answer) == "pending":
            raise TransientError(
                "nat-not-ready-yet", "The NAT gateway is being created.", fix="No action needed: compleat retries."
            )

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"nat_gateway_id": found.id}

    def entries(self, found: PartFound) -> tuple[str, ...]:
        """Of those that templates have: the landing zone's own keeps its address."""
        held = _allocations(found) if found.name != layout.PRIVATE_WAY else frozenset()
        listed = ElasticAddresses(self._api).find(found.owner.environment) if held else ()
        return tuple(route_layout.address_line(one.name) for one in listed if one.id in held)

    def _require_address(self, found: PartFound, address: str, owner: OwnerKey) -> None:
        """EC2 gives a NAT gateway its address once."""
        held = _allocations(found)
        if held and ElasticAddresses(self._api).id_of(address, owner) not in held:
            raise NotSupportedError(
                part_abilities.REFUSED,
                f"AWS cannot give NAT gateway '{found.name}' another address.",
                why=f"It was created with another one than '{address}', and keeps it.",
                fix="Restore its address in the template, or rename the NAT gateway: the new one has the new address.",
            )

    def remove(self, id_: str) -> None:
        state = state_of(self.look(id_))
        if state not in ("deleting", "deleted"):
            super().remove(id_)
            state = state_of(self.look(id_))
        if state != "deleted":
            raise TransientError("nat-still-deleting", "The NAT gateway is being deleted.", fix="Nothing.")


class RouteTables(Ec2Part):
    kind = layout.ROUTES
    words = Ec2Words(
        lists=("DescribeRouteTables", "RouteTables"),
        makes=("CreateRouteTable", "RouteTable"),
        deletes="DeleteRouteTable",
        id="RouteTableId",
        tagged="route-table",
    )

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {"VpcId": Vpcs(self._api).id_of("vpc", owner), "ClientToken": token_of(resource, owner)}

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        if "targets" in resource.properties:
            self._lead(found, resource.properties["targets"], owner)
            for name in texts(resource.properties["endpoints"]):
                GatewayEndpoints(self._api).lead(name, found.id, owner)
            return
        if not any(route.get("DestinationCidrBlock") == _WORLD for route in found.answer.get("Routes", ())):
            through = self._way_out(str(resource.properties["through"]), owner)
            self._api.change("ec2", "CreateRoute", RouteTableId=found.id, DestinationCidrBlock=_WORLD, **through)
        for name in texts(resource.properties["subnets"]):
            self.join(found, Subnets(self._api).id_of(name, owner))

    def entries(self, found: PartFound) -> tuple[str, ...]:
        """Of the tables that templates have; those of the landing zone itself stay as they are."""
        is_own = found.name in (layout.PUBLIC, layout.PRIVATE)
        return () if is_own else route_layout.lines(self._targets(found))

    def serve(self, name: str, subnet: str, owner: OwnerKey) -> None:
        """Let a subnet have this table, in place of another one."""
        found = self.need(name, owner.environment)
        for table in self._serving(subnet):
            for held in table["Associations"]:
                if held.get("SubnetId") == subnet and table[self.words.id] != found.id:
                    association = held["RouteTableAssociationId"]
                    self._api.change(
                        "ec2", "ReplaceRouteTableAssociation", AssociationId=association, RouteTableId=found.id
                    )
                if held.get("SubnetId") == subnet:
                    return
        self.join(found, subnet)

    def name_for(self, subnet: str) -> str:
        """What the landing zone calls the table of a subnet, "" where it has the VPC's."""
        tables = (resource_tags.read_tags(table.get("Tags", ())) for table in self._serving(subnet))
        return next((tags.get(names.NAME_TAG, "") for tags in tables), "")

    def join(self, found: PartFound, subnet: str) -> None:
        """Let a table serve a subnet, too."""
        if subnet not in {one.get("SubnetId") for one in found.answer.get("Associations", ())}:
            self._api.change("ec2", "AssociateRouteTable", RouteTableId=found.id, SubnetId=subnet)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name.replace('-', '_')}_id": found.id}

    def remove(self, id_: str) -> None:
        for held in self.look(id_).get("Associations", ()):
            if not held.get("Main"):
                self._let_go(str(held["RouteTableAssociationId"]))
        super().remove(id_)

    def _serving(self, subnet: str) -> Iterable[Mapping[str, Any]]:
        return self._api.list_all(*self.words.lists, Filters=filters({"association.subnet-id": subnet}))

    def _lead(self, found: PartFound, wanted: object, owner: OwnerKey) -> None:
        """Its routes become those that are wanted; what both have stays all the time."""
        targets = wanted if isinstance(wanted, Mapping) else {}
        there = self._targets(found)
        for prefix in there.keys() - targets.keys():
            self._api.change("ec2", "DeleteRoute", RouteTableId=found.id, DestinationCidrBlock=prefix)
        for prefix, target in targets.items():
            if there.get(prefix) != target:
                change = "ReplaceRoute" if prefix in there else "CreateRoute"
                way = self._way_out(layout.INTERNET if target == route_layout.INTERNET else layout.NAT, owner, target)
                self._api.change("ec2", change, RouteTableId=found.id, DestinationCidrBlock=prefix, **way)

    def _targets(self, found: PartFound) -> Mapping[str, str]:
        """Where it leads, by range, beside the VPC itself and the endpoint of the bucket."""
        routes = [one for one in found.answer.get("Routes", ()) if one.get("DestinationCidrBlock")]
        nats: Mapping[str, str] = {}
        if any(one.get("NatGatewayId") for one in routes):
            nats = {one.id: one.name for one in NatGateways(self._api).find(found.owner.environment)}
        return {
            str(one["DestinationCidrBlock"]): _target(one, nats) for one in routes if one.get("GatewayId") != "local"
        }

    def _way_out(self, kind: str, owner: OwnerKey, name: str = layout.PRIVATE_WAY) -> Mapping[str, str]:
        """What CreateRoute says of the gateway that a table goes through."""
        if kind == layout.INTERNET:
            return {"GatewayId": InternetGateways(self._api).id_of("internet", owner)}
        return {"NatGatewayId": NatGateways(self._api).id_of(name, owner)}

    def _let_go(self, association: str) -> None:
        try:
            self._api.change("ec2", "DisassociateRouteTable", AssociationId=association)
        except NotFoundError:
            return


class GatewayEndpoints(Ec2Part):
    """By which VMs without a way out reach the environment's bucket; it costs nothing."""

    kind = layout.ENDPOINT
    words = Ec2Words(
        lists=("DescribeVpcEndpoints", "VpcEndpoints"),
        makes=("CreateVpcEndpoint", "VpcEndpoint"),
        deletes="DeleteVpcEndpoints",
        id="VpcEndpointId",
        tagged="vpc-endpoint",
    )
    gone = frozenset({"deleted", "failed", "rejected", "expired"})

    def asked(self, resource: LandingResource, owner: OwnerKey) -> Mapping[str, Any]:
        return {
            "VpcEndpointType": "Gateway",
            "VpcId": Vpcs(self._api).id_of("vpc", owner),
            "ServiceName": f"com.amazonaws.{self._api.region}.s3",
            "RouteTableIds": self._table_ids(resource, owner),
            "ClientToken": token_of(resource, owner),
        }

    def complete(self, found: PartFound, resource: LandingResource, owner: OwnerKey) -> None:
        there = found.answer.get("RouteTableIds", ())
        missing = [table for table in self._table_ids(resource, owner) if table not in there]
        if missing:
            self._api.change("ec2", "ModifyVpcEndpoint", VpcEndpointId=found.id, AddRouteTableIds=missing)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"s3_endpoint_id": found.id}

    def remove(self, id_: str) -> None:
        if state_of(self.look(id_)) not in ("deleting", "deleted"):
            answer = self._api.change("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[id_])
            for refused in answer.get("Unsuccessful", ()):
                why = f"AWS says {refused['Error']['Code']}: {refused['Error']['Message']}"
                raise ConflictError("landing-in-use", f"AWS does not delete endpoint {id_}.", why=why, fix="Try again.")
        if state_of(self.look(id_)) != "deleted":
            raise TransientError("endpoint-still-deleting", "The endpoint for S3 is being deleted.", fix="Nothing.")

    def lead(self, name: str, table: str, owner: OwnerKey) -> None:
        """Let a table that comes later lead to it, too."""
        found = self.need(name, owner.environment)
        if table not in found.answer.get("RouteTableIds", ()):
            self._api.change("ec2", "ModifyVpcEndpoint", VpcEndpointId=found.id, AddRouteTableIds=[table])

    def _table_ids(self, resource: LandingResource, owner: OwnerKey) -> list[str]:
        return [RouteTables(self._api).id_of(name, owner) for name in texts(resource.properties["tables"])]


def _allocations(found: PartFound) -> frozenset[str]:
    return frozenset(str(one.get("AllocationId", "")) for one in found.answer.get("NatGatewayAddresses", ()))


def _target(route: Mapping[str, Any], nats: Mapping[str, str]) -> str:
    """What a route of EC2 leads to, as planned ones say it."""
    gateway = str(route.get("GatewayId", ""))
    if gateway.startswith("igw-"):
        return route_layout.INTERNET
    other = str(route.get("NatGatewayId", ""))
    return nats.get(other, other) or gateway or "something else"
