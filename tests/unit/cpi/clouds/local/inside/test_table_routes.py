"""What a route table means to the local cloud's router: the nearest range, and its own route before the network's."""

from cpi.clouds.local.inside.networks import table_routes
from cpi.clouds.local.inside.records.route_records import RouteRecord, RouteTableRecord
from cpi.clouds.local.inside.system.route_links import KernelRoute, RouteKind

_RANGES = ("10.0.0.0/24", "10.0.1.0/24", "fd00::/64")


def _table(*routes: tuple[str, str, str]) -> RouteTableRecord:
    listed: list[RouteRecord] = [
        {"name": prefix, "prefix": prefix, "next_hop": hop, "address": address} for prefix, hop, address in routes
    ]
    owner = {"environment": "e", "deployment": "", "action": "a"}
    return {"name": "ways", "number": 1000, "routes": listed, "owner": owner, "tags": {}}  # type: ignore[typeddict-item]


def _kinds(*routes: tuple[str, str, str]) -> dict[str, str]:
    found = table_routes.routes_of(_table(*routes), _RANGES, {"10.0.0.9": "v0-appliance"})
    return {f"{one.network}/{one.prefix} {one.metric}": one.kind.name for one in found}


def test_networks_are_left_to_the_router_unless_a_route_has_their_range() -> None:
    assert _kinds() == {"10.0.0.0/24 0": "THROW", "10.0.1.0/24 0": "THROW"}
    assert _kinds(("10.0.1.0/24", "none", "")) == {"10.0.0.0/24 0": "THROW", "10.0.1.0/24 0": "BLACKHOLE"}
    assert _kinds(("0.0.0.0/0", "none", ""))["10.0.1.0/24 0"] == "THROW"


def test_the_internet_is_outside_of_networks_and_a_network_inside() -> None:
    for prefix, internet, network in (
        ("0.0.0.0/0", "THROW", "UNREACHABLE"),
        ("10.0.1.0/24", "UNREACHABLE", "THROW"),
        ("10.0.1.128/25", "UNREACHABLE", "THROW"),
        ("203.0.113.0/24", "THROW", "UNREACHABLE"),
    ):
        assert _kinds((prefix, "internet", ""))[f"{prefix} 0"] == internet
        assert _kinds((prefix, "network", ""))[f"{prefix} 0"] == network


def test_what_goes_through_an_appliance_goes_nowhere_without_it() -> None:
    (throw, way, drop) = table_routes.routes_of(
        _table(("10.0.1.0/24", "appliance", "10.0.0.9")), _RANGES, {"10.0.0.9": "v0-appliance"}
    )
    assert throw == KernelRoute(network="10.0.0.0", prefix=24, kind=RouteKind.THROW)
    assert (way.kind, way.gateway, way.link) == (RouteKind.UNICAST, "10.0.0.9", "v0-appliance")
    assert (drop.kind, drop.network, drop.prefix) == (RouteKind.BLACKHOLE, way.network, way.prefix)
    assert way.metric < drop.metric
    assert _kinds(("10.0.1.0/24", "appliance", "10.0.0.8")) == {
        "10.0.0.0/24 0": "THROW",
        "10.0.1.0/24 1000": "BLACKHOLE",
    }


def test_what_a_nat_gateway_translates_is_what_the_nearest_range_leads_to_the_internet() -> None:
    assert table_routes.targets_of(None, _RANGES) == [
        ("10.0.0.0/24", False),
        ("10.0.1.0/24", False),
        ("169.254.0.0/16", False),
        ("0.0.0.0/0", True),
    ]
    table = _table(
        ("0.0.0.0/0", "appliance", "10.0.0.9"), ("203.0.113.4/32", "internet", ""), ("10.0.1.0/24", "none", "")
    )
    targets = dict(table_routes.targets_of(table, _RANGES))
    assert [cidr for cidr, is_internet in targets.items() if is_internet] == ["203.0.113.4/32"]
    assert next(iter(targets)) == "203.0.113.4/32"
