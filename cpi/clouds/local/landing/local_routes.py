"""Route tables of the local cloud, which its service makes.

Takes specs and resources, gives what exists.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.clouds.local.inside.records import route_records
from cpi.clouds.local.inside.records.orders import RouteTableOrder
from cpi.clouds.local.inside.records.route_records import RouteRecord, RouteTableRecord
from cpi.clouds.local.machines import finder
from cpi.clouds.local.wire.api import Api
from cpi.contract.landing_parts import NextHop, RouteSpec, RouteTableSpec
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, OwnerKey
from cpi.kit import part_entries
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import TABLES
from cpi.kit.landing import Part, PartFound

KIND = "route_table"
_HOPS: Mapping[str, NextHop] = {"internet": "internet", "network": "network", "appliance": "appliance"}


def table_resource(spec: RouteTableSpec) -> LandingResource:
    """Networks name it; it names none."""
    routes: list[JsonValue] = [
        {"name": one.name, "prefix": one.prefix, "next_hop": one.next_hop, "address": one.address}
        for one in spec.routes
    ]
    lines = tuple(map(part_entries.route_line, spec.routes))
    return LandingResource(kind=KIND, name=spec.name, properties={"routes": routes}, entries=lines)


def findings(spec: LandingSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """Routes that its tables do not have."""
    for table in spec.route_tables:
        for route in table.routes:
            if ":" in route.prefix or ":" in route.address:
                path = (TABLES, table.name, "routes", route.name)
                why = "Its route tables have IPv4 routes."
                yield part_abilities.refused(path, "a route of IPv6", abilities, why=why)


class LocalRouteTables(Part):
    """As networks: the service looks, makes and changes under its lock."""

    cloud = "The local cloud"
    kind = KIND

    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        if not name:
            yield from map(_found, route_records.list_tables(self._api.state))

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        order: RouteTableOrder = {
            "name": resource.name,
            "routes": _routes(resource.properties["routes"]),
            "owner": finder.write_owner(owner),
            "tags": self._tags,
        }
        return _found(self._api.call("create_table", order))

    def entries(self, found: PartFound) -> tuple[str, ...]:
        return tuple(map(_line, found.answer["routes"]))

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {f"{found.name}_route_table": found.name}

    def delete(self, id_: str) -> None:
        self._api.call_if_exists("delete_table", {"name": id_})


def _found(table: RouteTableRecord) -> PartFound:
    name = table["name"]
    return PartFound(id=name, name=name, owner=finder.read_owner(table["owner"]), answer=table)


def _routes(written: JsonValue) -> list[RouteRecord]:
    """The routes of a resource, which `table_resource` wrote."""
    listed = written if isinstance(written, Sequence) and not isinstance(written, str) else ()
    return [one for one in listed if isinstance(one, dict)]  # type: ignore[misc]  # the keys are those of above


def _line(route: RouteRecord) -> str:
    hop = _HOPS.get(route["next_hop"], "none")
    return part_entries.route_line(
        RouteSpec(name=route["name"], prefix=route["prefix"], next_hop=hop, address=route["address"])
    )
