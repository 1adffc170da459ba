"""The part of a landing zone by which VMs without a way out reach its bucket: a gateway endpoint, which costs nothing.

Takes resources and owners, changes AWS; as in cpi.clouds.aws.landing.zone_networks.
"""

from collections.abc import Iterator, Mapping

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.landing.zone_networks import RouteTables, Told, Vpcs, ZoneApi, label, words
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.api import filters
from cpi.contract.errors import ConflictError, TransientError
from cpi.contract.values import LandingResource, OwnerKey

_GONE = frozenset({"deleted", "failed", "rejected", "expired"})


class GatewayEndpoints:
    id_key = "VpcEndpointId"

    def __init__(self, zone_api: ZoneApi, vpcs: Vpcs, tables: RouteTables) -> None:
        self._zone_api = zone_api
        self._api = zone_api.api
        self._vpcs = vpcs
        self._tables = tables

    def find(self, wanted: Mapping[str, str]) -> Iterator[Told]:
        for told in self._api.list_all("DescribeVpcEndpoints", "VpcEndpoints", Filters=filters(wanted)):
            if _state(told) not in _GONE:
                yield told

    def make(self, resource: LandingResource, owner: OwnerKey) -> Told:
        told: Told = self._api.change(
            "ec2",
            "CreateVpcEndpoint",
            VpcEndpointType="Gateway",
            VpcId=self._zone_api.id_of(self._vpcs, "vpc", kind=layout.VPC, owner=owner),
            ServiceName=f"com.amazonaws.{self._api.region}.s3",
            RouteTableIds=self._table_ids(resource, owner),
            ClientToken=names.part_token(owner, kind=resource.kind, name=resource.name),
            TagSpecifications=resource_tags.specify(label(resource, owner), "vpc-endpoint"),
        )["VpcEndpoint"]
        return told

    def complete(self, resource: LandingResource, told: Told, owner: OwnerKey) -> None:
        missing = [table for table in self._table_ids(resource, owner) if table not in told.get("RouteTableIds", ())]
        if missing:
            self._api.change("ec2", "ModifyVpcEndpoint", VpcEndpointId=told["VpcEndpointId"], AddRouteTableIds=missing)

    def outputs(self, name: str, told: Told) -> Mapping[str, str]:
        return {"s3_endpoint_id": told["VpcEndpointId"]}

    def delete(self, cid: str) -> None:
        if self._state_of(cid) not in ("deleting", "deleted"):
            told = self._api.change("ec2", "DeleteVpcEndpoints", VpcEndpointIds=[cid])
            for refused in told.get("Unsuccessful", ()):
                why = f"AWS says {refused['Error']['Code']}: {refused['Error']['Message']}"
                raise ConflictError("landing-in-use", f"AWS does not delete endpoint {cid}.", why=why, fix="Try again.")
        if self._state_of(cid) != "deleted":
            raise TransientError("endpoint-still-deleting", "The endpoint for S3 is being deleted.", fix="Nothing.")

    def _state_of(self, cid: str) -> str:
        return _state(self._api.read("ec2", "DescribeVpcEndpoints", VpcEndpointIds=[cid])["VpcEndpoints"][0])

    def _table_ids(self, resource: LandingResource, owner: OwnerKey) -> list[str]:
        tables = words(resource.properties["tables"])
        return [self._zone_api.id_of(self._tables, name, kind=layout.ROUTES, owner=owner) for name in tables]


def _state(told: Told) -> str:
    """AWS writes it in small letters in some answers and with a capital in others."""
    return str(told.get("State", "")).lower()
