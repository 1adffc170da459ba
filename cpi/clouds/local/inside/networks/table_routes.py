"""What a route table means to the router. Pure.

Takes a table, the ranges of networks and the appliances, gives routes. As on Azure, the longest range decides, a
table's own route before the network's of the same range. A range that is thrown is left to what the router knows
without the table: machines that are there, and public addresses.
"""

import ipaddress
from collections.abc import Mapping, Sequence

from cpi.clouds.local.inside.records.route_records import RouteRecord, RouteTableRecord
from cpi.clouds.local.inside.system.route_links import KernelRoute, RouteKind

_EVERYTHING, _LINK_LOCAL = "0.0.0.0/0", "169.254.0.0/16"
_FIRST, _LAST = 1, 1000
"""Metrics: the way to an appliance, and what remains when it is gone."""


def routes_of(table: RouteTableRecord, ranges: Sequence[str], appliances: Mapping[str, str]) -> list[KernelRoute]:
    """All routes of a table. `appliances` maps addresses of machines that forward traffic to their links."""
    networks = [ipaddress.IPv4Network(one) for one in ranges if ":" not in one]
    own = {ipaddress.IPv4Network(route["prefix"], strict=False): route for route in table["routes"]}
    routes = [_route(network, RouteKind.THROW) for network in networks if network not in own]
    for prefix, route in own.items():
        routes += _routes(prefix, route, networks=networks, appliances=appliances)
    return routes


def targets_of(table: RouteTableRecord | None, ranges: Sequence[str]) -> list[tuple[str, bool]]:
    """Ranges of targets and whether each is the internet, the nearest first; what is in none does not exist."""
    targets = {ipaddress.IPv4Network(_EVERYTHING): True, ipaddress.IPv4Network(_LINK_LOCAL): False}
    targets |= {ipaddress.IPv4Network(one): False for one in ranges if ":" not in one}
    for route in table["routes"] if table else ():
        targets[ipaddress.IPv4Network(route["prefix"], strict=False)] = route["next_hop"] == "internet"
    nearest = sorted(targets, key=lambda one: -one.prefixlen)
    return [(str(one), targets[one]) for one in nearest]


def _routes(
    prefix: ipaddress.IPv4Network,
    route: RouteRecord,
    *,
    networks: Sequence[ipaddress.IPv4Network],
    appliances: Mapping[str, str],
) -> list[KernelRoute]:
    is_inside = any(prefix.subnet_of(network) for network in networks)
    match route["next_hop"]:
        case "network":
            return [_route(prefix, RouteKind.THROW if is_inside else RouteKind.UNREACHABLE)]
        case "internet":  # where no network's address is
            return [_route(prefix, RouteKind.UNREACHABLE if is_inside else RouteKind.THROW)]
        case "appliance":
            return [*_through(prefix, route["address"], appliances), _route(prefix, RouteKind.BLACKHOLE, metric=_LAST)]
        case _:
            return [_route(prefix, RouteKind.BLACKHOLE)]


def _through(prefix: ipaddress.IPv4Network, address: str, appliances: Mapping[str, str]) -> list[KernelRoute]:
    if address not in appliances:
        return []
    network, length = str(prefix.network_address), prefix.prefixlen
    way = KernelRoute(
        network=network,
        prefix=length,
        kind=RouteKind.UNICAST,
        metric=_FIRST,
        gateway=address,
        link=appliances[address],
    )
    return [way]


def _route(prefix: ipaddress.IPv4Network, kind: RouteKind, *, metric: int = 0) -> KernelRoute:
    return KernelRoute(network=str(prefix.network_address), prefix=prefix.prefixlen, kind=kind, metric=metric)
