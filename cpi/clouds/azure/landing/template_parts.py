"""What templates add to Azure's landing zone: security groups, route tables, NAT gateways. Pure.

Takes a spec, gives resources with their ARM properties, the subnet's share of them, and a VM's cloud properties.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.azure.images import managed_images
from cpi.clouds.azure.landing import balancer_bodies, blob_bodies
from cpi.clouds.azure.machines import networks
from cpi.clouds.azure.wire import names
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract import landing_parts
from cpi.contract.landing_parts import ANY, JoinedParts
from cpi.contract.values import JsonValue, LandingResource, LandingSpec, ManagedNetwork
from cpi.kit import blob_accounts, front_networks, part_entries
from cpi.kit.judge import PartAbilities

SECURITY, ROUTES, NAT, BALANCER = "security_group", "route_table", "nat", balancer_bodies.BALANCER
SUBNET = "network"
_PROTOCOLS = {"tcp": "Tcp", "udp": "Udp", "icmp": "Icmp", "esp": "Esp", "ah": "Ah", ANY: ANY}
_HOPS = {
    "internet": "Internet",
    "network": "VnetLocal",
    "appliance": "VirtualAppliance",
    "gateway": "VirtualNetworkGateway",
    "none": "None",
}
_TCP_ALONE = "The environment's own security group, which its subnets have, lets in TCP alone."
ABILITIES = PartAbilities(
    cloud="Azure",
    has_deny_rules=True,
    reserved=frozenset({networks.LANDING}),
    refused_balancing={"udp": _TCP_ALONE, "*": _TCP_ALONE},
    balances_all_inside=True,
    forwarding={"ip_forwarding": True},
    has_account_settings=True,
    image_places=managed_images.PLACES,
    has_generations=True,
)


def before_networks(spec: LandingSpec, group: tuple[str, ...]) -> Iterator[LandingResource]:
    """What subnets name."""
    for one in spec.security_groups:
        rules: list[JsonValue] = [_rule(rule) for rule in one.rules]
        entries = tuple(map(part_entries.rule_line, one.rules))
        yield LandingResource(kind=SECURITY, name=one.name, after=group, properties={"rules": rules}, entries=entries)
    for table in spec.route_tables:
        routes: list[JsonValue] = [_route(route) for route in table.routes]
        entries = tuple(map(part_entries.route_line, table.routes))
        yield LandingResource(kind=ROUTES, name=table.name, after=group, properties={"routes": routes}, entries=entries)


def entries_there(kind: str, answer: Mapping[str, Any]) -> tuple[str, ...]:
    """The rules or routes of what Azure has, as planned ones are written."""
    properties: Mapping[str, Any] = answer.get("properties") or {}
    if kind == SECURITY:
        return tuple(part_entries.rule_line(_read_rule(one)) for one in properties.get("securityRules") or ())
    if kind == ROUTES:
        return tuple(part_entries.route_line(_read_route(one)) for one in properties.get("routes") or ())
    if kind == NAT:
        return part_entries.gateway_lines(_read_gateway(answer))
    if kind == SUBNET:
        table, nat = (str((properties.get(key) or {}).get("id", "")) for key in ("routeTable", "natGateway"))
        named = {"route_table": table.rpartition("/")[2], "nat_gateway": nat.rpartition("/")[2]}
        return part_entries.network_lines(landing_parts.NetworkParts(**named))
    if kind == blob_accounts.ACCOUNT:
        return blob_bodies.entries_there(answer)
    if kind == BALANCER:
        return tuple(balancer_bodies.read_lines(properties))
    return ()


def nat_addresses(spec: LandingSpec) -> frozenset[str]:
    """The public addresses that NAT gateways are made with."""
    return frozenset(name for one in spec.nat_gateways for name in one.addresses)


def nat_gateways(spec: LandingSpec) -> Iterator[LandingResource]:
    """Each after its addresses."""
    for one in spec.nat_gateways:
        properties: dict[str, JsonValue] = {"addresses": list(one.addresses), "idle_minutes": one.idle_minutes}
        lines = part_entries.gateway_lines(one)
        yield LandingResource(kind=NAT, name=one.name, after=one.addresses, properties=properties, entries=lines)


def of_network(parts: landing_parts.NetworkParts | None) -> Mapping[str, JsonValue]:
    """What a subnet has in place of the environment's own parts."""
    if parts in (None, landing_parts.NetworkParts()):
        return {}
    own: dict[str, JsonValue] = {SECURITY: parts.security_group, ROUTES: parts.route_table, NAT: parts.nat_gateway}
    return {"parts": own}


def managed_subnet(network: ManagedNetwork, *, has_nat_gateway: bool) -> LandingResource:
    """One that comes after the landing zone. The landing zone's own NAT gateway is where the network names none."""
    nat = network.parts.nat_gateway or (networks.LANDING if has_nat_gateway else "")
    return LandingResource(
        kind=SUBNET,
        name=network.name,
        properties={"cidr": network.cidr, **of_network(network.parts)},
        entries=part_entries.network_lines(replace(network.parts, nat_gateway=nat)),
    )


def networks_of_fronts(
    spec: LandingSpec, after: tuple[str, ...], *, has_nat_gateway: bool
) -> Iterator[LandingResource]:
    """Subnets of deployments that load balancers are in, which exist before these."""
    for network in front_networks.front_networks(spec):
        subnet = managed_subnet(network, has_nat_gateway=has_nat_gateway)
        yield replace(subnet, after=(*after, *names_in(spec, network.name)))


def names_in(spec: LandingSpec, network: str) -> tuple[str, ...]:
    """The parts that must be there before a subnet."""
    parts = spec.network_parts.get(network) or landing_parts.NetworkParts()
    return tuple(name for name in (parts.security_group, parts.route_table, parts.nat_gateway) if name)


def subnet_references(parts: Mapping[str, Any], places: ResourcePaths) -> dict[str, Any]:
    """The references of a subnet that has parts of its own."""
    kinds = {
        "networkSecurityGroup": (names.GROUP, SECURITY),
        "routeTable": (names.ROUTES, ROUTES),
        "natGateway": (names.NAT, NAT),
    }
    return {key: {"id": places.path(kind, str(parts[name]))} for key, (kind, name) in kinds.items() if parts[name]}


def joined(spec: LandingSpec, parts: JoinedParts) -> Mapping[str, JsonValue]:
    """The cloud properties of a VM."""
    found: dict[str, JsonValue] = {}
    if parts.security_group:
        found["security_group"] = parts.security_group
    if parts.load_balancers:
        found["load_balancer"] = ",".join(parts.load_balancers)
    if parts.nat_rules:
        found["load_balancer_nat_rules"] = list[JsonValue](parts.nat_rules)
    counts = next((one for one in spec.availability_sets if one.name == parts.availability_set), None)
    if counts is not None:
        found["availability_set"] = {
            "name": counts.name,
            "platform_fault_domain_count": counts.fault_domains,
            "platform_update_domain_count": counts.update_domains,
        }
    return found


def _rule(rule: landing_parts.SecurityRuleSpec) -> dict[str, JsonValue]:
    return {
        "name": rule.name,
        "properties": {
            "priority": rule.priority,
            "direction": rule.direction.title(),
            "access": rule.access.title(),
            "protocol": _PROTOCOLS[rule.protocol],
            **_either("sourceAddressPrefix", rule.sources, plural="sourceAddressPrefixes"),
            **_either("destinationAddressPrefix", rule.destinations, plural="destinationAddressPrefixes"),
            **_either("sourcePortRange", rule.source_ports, plural="sourcePortRanges"),
            **_either("destinationPortRange", rule.ports, plural="destinationPortRanges"),
        },
    }


def _either(single: str, written: tuple[str, ...], *, plural: str) -> dict[str, JsonValue]:
    """Azure takes words such as `*` in the singular alone."""
    return {single: written[0]} if len(written) == 1 else {plural: list(written)}


def _read_rule(answer: Mapping[str, Any]) -> landing_parts.SecurityRuleSpec:
    properties = answer["properties"]
    direction: landing_parts.Direction = "inbound" if properties["direction"].lower() == "inbound" else "outbound"
    access: landing_parts.Access = "allow" if properties["access"].lower() == "allow" else "deny"
    return landing_parts.SecurityRuleSpec(
        name=str(answer["name"]),
        priority=int(properties["priority"]),
        direction=direction,
        access=access,
        protocol=properties["protocol"].lower(),
        ports=_read_either(properties, "destinationPortRange", "destinationPortRanges"),
        source_ports=_read_either(properties, "sourcePortRange", "sourcePortRanges"),
        sources=_read_either(properties, "sourceAddressPrefix", "sourceAddressPrefixes"),
        destinations=_read_either(properties, "destinationAddressPrefix", "destinationAddressPrefixes"),
    )


def _read_either(properties: Mapping[str, Any], single: str, plural: str) -> tuple[str, ...]:
    one = properties.get(single)
    return (*([str(one)] if one else []), *map(str, properties.get(plural) or ()))


def _read_route(answer: Mapping[str, Any]) -> landing_parts.RouteSpec:
    properties = answer["properties"]
    hops: dict[str, landing_parts.NextHop] = {
        "internet": "internet",
        "vnetlocal": "network",
        "virtualappliance": "appliance",
        "virtualnetworkgateway": "gateway",
        "none": "none",
    }
    return landing_parts.RouteSpec(
        name=str(answer["name"]),
        prefix=str(properties["addressPrefix"]),
        next_hop=hops[str(properties["nextHopType"]).lower()],
        address=str(properties.get("nextHopIpAddress") or ""),
    )


def _read_gateway(answer: Mapping[str, Any]) -> landing_parts.NatGatewaySpec:
    properties = answer["properties"]
    return landing_parts.NatGatewaySpec(
        name=str(answer["name"]),
        addresses=tuple(str(one["id"]).rpartition("/")[2] for one in properties.get("publicIpAddresses") or ()),
        idle_minutes=int(properties.get("idleTimeoutInMinutes") or 4),
    )


def _route(route: landing_parts.RouteSpec) -> dict[str, JsonValue]:
    hop: dict[str, JsonValue] = {"addressPrefix": route.prefix, "nextHopType": _HOPS[route.next_hop]}
    return {"name": route.name, "properties": {**hop, **({"nextHopIpAddress": route.address} if route.address else {})}}
