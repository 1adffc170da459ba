"""Route tables and NAT gateways that templates add on AWS. Pure.

Takes a spec, gives resources and the table of a network. On AWS a subnet has one table, and a NAT gateway is the
target of its routes: networks that have the same table with another gateway have another table.
"""

import ipaddress
from collections.abc import Iterator, Mapping

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.contract.landing_parts import NETWORK_PREFIX, NatGatewaySpec, NetworkParts, RouteSpec
from cpi.contract.part_findings import PartFinding
from cpi.contract.values import JsonValue, LandingResource, LandingSpec
from cpi.kit import judge, ranges
from cpi.kit.judge import PartAbilities, part_abilities
from cpi.kit.judge.landing_parts import NATS, TABLES

WORLD = "0.0.0.0/0"
INTERNET = "the internet gateway"
"""The target of a route; others are NAT gateways, by their names."""
_IDLE_MINUTES = 5
"""AWS keeps a connection without traffic for 350 seconds."""


def resources(spec: LandingSpec, config: AwsConfig) -> Iterator[LandingResource]:
    """NAT gateways in a public subnet, then each table that a template has or that one of its networks needs."""
    for nat in spec.nat_gateways:
        subnet = layout.front_subnet(spec, config)
        properties: dict[str, JsonValue] = {"subnet": subnet, "address": nat.addresses[0]}
        after = (subnet, layout.PUBLIC, nat.addresses[0])
        entries = (address_line(nat.addresses[0]),)
        yield LandingResource(kind=layout.NAT, name=nat.name, after=after, properties=properties, entries=entries)
    plain = (NetworkParts(route_table=table.name) for table in spec.route_tables)
    wanted = {table_of(parts): parts for parts in (*plain, *spec.network_parts.values())}
    for name, parts in wanted.items():
        if name != layout.PUBLIC:
            ways = targets(parts, spec)
            gateways = (parts.nat_gateway,) if parts.nat_gateway else ()
            endpoints = (layout.BUCKET_WAY,) if config.bucket else ()
            yield LandingResource(
                kind=layout.ROUTES,
                name=name,
                after=("vpc", "internet", *gateways, *endpoints),
                properties={"targets": dict(ways), "endpoints": list(endpoints)},
                entries=lines(ways),
            )


def address_line(address: str) -> str:
    """The entry of a NAT gateway: the public address that it has."""
    return f"address {address}"


def table_of(parts: NetworkParts) -> str:
    """The route table of a network with these parts; none of the names that templates have holds a `+`."""
    table = parts.route_table or layout.PUBLIC
    return f"{table}+{parts.nat_gateway}" if parts.nat_gateway else table


def targets(parts: NetworkParts, spec: LandingSpec) -> Mapping[str, str]:
    """Where the traffic of a network goes, by range. What goes to the internet passes its NAT gateway if it has one."""
    out = parts.nat_gateway or INTERNET
    found = {WORLD: out}
    table = next((one for one in spec.route_tables if one.name == parts.route_table), None)
    for route in table.routes if table is not None else ():
        if route.next_hop == "internet":
            found[str(ipaddress.ip_network(route.prefix, strict=False))] = out
        elif route.next_hop == "none":
            found.pop(WORLD, None)
    return found


def lines(ways: Mapping[str, str]) -> tuple[str, ...]:
    """Routes as the plan shows and compares them."""
    return tuple(f"{prefix} to {target}" for prefix, target in ways.items())


def is_public(parts: NetworkParts, spec: LandingSpec) -> bool:
    """Whether the world reaches the public addresses of machines in a network with these parts."""
    return targets(parts, spec).get(WORLD) == INTERNET


def findings(spec: LandingSpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    """What AWS's route tables and NAT gateways do not express."""
    for nat in spec.nat_gateways:
        yield from _nat_findings(nat, abilities)
    for table in spec.route_tables:
        for route in table.routes:
            reason = _inexpressible(route, spec)
            if reason:
                path = (TABLES, table.name, "routes", route.name)
                thing = f"a route with next hop '{route.next_hop}' to {route.prefix}"
                yield part_abilities.refused(path, thing, abilities, why=reason)


def _nat_findings(nat: NatGatewaySpec, abilities: PartAbilities) -> Iterator[PartFinding]:
    path = (NATS, nat.name)
    if len(nat.addresses) != 1:
        why = "compleat gives a NAT gateway one Elastic IP there."
        yield part_abilities.refused(path, f"a NAT gateway with {len(nat.addresses)} addresses", abilities, why=why)
    if nat.idle_minutes > _IDLE_MINUTES:
        why = "Its NAT gateways end connections that are idle for 350 seconds, and have no setting for that."
        yield part_abilities.refused(path, f"an idle timeout of {nat.idle_minutes} minutes", abilities, why=why)


def _inexpressible(route: RouteSpec, spec: LandingSpec) -> str:
    """Why AWS has no such route; "" where it has, or where the finding is another."""
    if ":" in route.prefix:
        return "The landing zone's networks have IPv4 addresses."
    is_inside = any(ranges.is_within(route.prefix, one) for one in judge.ranges_of(NETWORK_PREFIX, spec))
    match route.next_hop:
        case "none" if route.prefix != WORLD:
            return "Its route tables have no target that drops traffic."
        case "network" if not is_inside:
            return "Its route tables lead to the ranges of the VPC without routes, and to no others."
        case "internet" if is_inside:
            return "Traffic to the ranges of the VPC stays in it."
        case _:
            return ""
