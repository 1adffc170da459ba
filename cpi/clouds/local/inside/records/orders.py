"""What the service of the cloud is ordered to make, as it travels there. Shapes alone: connecting imports no service.

Takes nothing, gives shapes of JSON.
"""

from collections.abc import Mapping
from typing import TypedDict

from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.records.balancer_records import BalancingRecord
from cpi.clouds.local.inside.records.route_records import RouteRecord
from cpi.contract.values import JsonValue


class CardOrder(TypedDict):
    """One network as asked for; `network` is the cloud's name of it, `ip` "" to get a free one."""

    name: str
    kind: str
    network: str
    ip: str
    prefix: int
    gateway: str
    dns: list[str]
    defaults: list[str]
    cloud_properties: Mapping[str, JsonValue]
    nic_group: str


class VmOrder(TypedDict):
    name: str
    owner: records.OwnerRecord
    agent_id: str
    stemcell: str
    nics: list[CardOrder]
    ssh_user: str
    ssh_key: str
    cloud_properties: Mapping[str, JsonValue]
    env: Mapping[str, JsonValue]
    tags: dict[str, str]
    disks: list[str]


class RouteTableOrder(TypedDict):
    name: str
    routes: list[RouteRecord]
    owner: records.OwnerRecord
    tags: dict[str, str]


class GatewayOrder(TypedDict):
    """`address` is the name of a public address."""

    name: str
    address: str
    idle_minutes: int
    owner: records.OwnerRecord
    tags: dict[str, str]


class BalancerOrder(TypedDict):
    """`address` is the name of a public address; or, inside of `network`, an address or "" for any."""

    name: str
    address: str
    network: str
    rules: list[BalancingRecord]
    nat_rules: list[BalancingRecord]
    owner: records.OwnerRecord
    tags: dict[str, str]
