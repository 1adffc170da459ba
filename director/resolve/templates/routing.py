"""NAT gateways and route tables of a template, as landing zones have them, and which of them each subnet has.

Takes resources and subnets, gives values; reports what is wrong with them. What a cloud cannot express of them, it says
itself.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.landing_parts import NatGatewaySpec, NetworkParts, NextHop, RouteSpec, RouteTableSpec
from director.model.environments import managed_networks
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import network_properties, own_parts, pieces, property_table
from director.resolve.templates.networks import TemplateSubnet
from director.resolve.templates.pieces import PartPlaces, TemplatePiece, body_of

NATS, TABLES = "nat_gateways", "route_tables"
_TITLES = {network_properties.NAT: "a NAT gateway", network_properties.ROUTES: "a route table"}
_HOPS: Mapping[str, NextHop] = {
    "internet": "internet",
    "vnetlocal": "network",
    "virtualappliance": "appliance",
    "virtualnetworkgateway": "gateway",
    "none": "none",
}


def read_gateways(
    resources: Sequence[TemplateResource], taken: Sequence[str], *, found: Findings
) -> tuple[NatGatewaySpec, ...]:
    """All of them. Reports: template-value-invalid, template-reference-missing, template-name-taken."""
    listed = list(_of(resources, network_properties.NAT))
    _check_names(listed, taken, found)
    return tuple(_gateway(one, resources, found) for one in listed)


def read_tables(
    resources: Sequence[TemplateResource], taken: Sequence[str], *, found: Findings
) -> tuple[RouteTableSpec, ...]:
    """All of them. Reports: template-value-invalid, template-name-taken."""
    listed = list(_of(resources, network_properties.ROUTES))
    _check_names(listed, taken, found)
    return tuple(
        RouteTableSpec(name=one.name, routes=tuple(_route(piece, found) for piece in _routes(one, resources)))
        for one in listed
    )


def parts_of(
    subnets: Mapping[str, TemplateSubnet], resources: Sequence[TemplateResource], found: Findings
) -> Mapping[str, NetworkParts]:
    """What each subnet has of them, by its id. Reports: template-reference-missing."""
    known = {
        type_: {one.key: one.name for one in _of(resources, type_)}
        for type_ in (network_properties.NAT, network_properties.ROUTES)
    }
    return {
        id_: NetworkParts(
            nat_gateway=_named(subnet, "natGateway", network_properties.NAT, known=known, found=found),
            route_table=_named(subnet, "routeTable", network_properties.ROUTES, known=known, found=found),
        )
        for id_, subnet in subnets.items()
    }


def places_of(resources: Sequence[TemplateResource]) -> PartPlaces:
    """Where each gateway, table and route is written."""
    places: dict[tuple[str, ...], TemplatePiece] = {}
    for one in _of(resources, network_properties.NAT):
        places[NATS, one.name] = body_of(one)
    for one in _of(resources, network_properties.ROUTES):
        places[TABLES, one.name] = body_of(one)
        for piece in _routes(one, resources):
            places[TABLES, one.name, "routes", str(piece.at("name").value)] = piece
    return places


def network_parts(subnets: Mapping[str, TemplateSubnet]) -> Mapping[str, NetworkParts]:
    """What subnets have of them, by their names in the landing zone; nothing of those that have neither."""
    return {landed_name(one): one.parts for one in subnets.values() if one.parts != NetworkParts()}


def landed_name(subnet: TemplateSubnet) -> str:
    """What the landing zone calls it."""
    return managed_networks.landing_name(subnet.network, "subnet")


def _of(resources: Sequence[TemplateResource], type_: str) -> Iterator[TemplateResource]:
    return (one for one in resources if property_table.type_of(one.type) == type_)


def _check_names(listed: Sequence[TemplateResource], taken: Sequence[str], found: Findings) -> None:
    for one in listed:
        if one.name in taken:
            title = _TITLES[property_table.type_of(one.type) or ""]
            body_of(one).report_here(
                "template-name-taken",
                f"another template of the environment has {title} '{one.name}'.",
                found=found,
                why="Both templates would change it.",
                fix="Rename the resource.",
            )


def _gateway(nat: TemplateResource, resources: Sequence[TemplateResource], found: Findings) -> NatGatewaySpec:
    properties = body_of(nat).at("properties")
    known = {one.key: one.name for one in _of(resources, network_properties.ADDRESS)}
    listed = [each.at("id") for each in properties.at("publicIpAddresses").elements()]
    if not listed:
        properties.at("publicIpAddresses").report_here(
            pieces.INVALID, "a NAT gateway needs a public address.", found=found, fix="Add publicIpAddresses."
        )
    names: list[str] = []
    for piece in listed:
        name = known.get(piece.text(found).lower(), "")
        if name:
            names.append(name)
        else:
            piece.report_missing(network_properties.ADDRESS, found)
    minutes = properties.at("idleTimeoutInMinutes").whole(found)
    return NatGatewaySpec(
        name=nat.name, addresses=tuple(dict.fromkeys(names)), idle_minutes=4 if minutes is None else minutes
    )


def _routes(table: TemplateResource, resources: Sequence[TemplateResource]) -> Iterator[TemplatePiece]:
    return own_parts.parts_of(table, "routes", resources)


def _route(piece: TemplatePiece, found: Findings) -> RouteSpec:
    properties = piece.at("properties")
    return RouteSpec(
        name=piece.at("name").text(found),
        prefix=properties.at("addressPrefix").text(found),
        next_hop=_HOPS[properties.at("nextHopType").one_of(tuple(_HOPS), found)],
        address=properties.at("nextHopIpAddress").text(found),
    )


def _named(
    subnet: TemplateSubnet, key: str, type_: str, *, known: Mapping[str, Mapping[str, str]], found: Findings
) -> str:
    piece = subnet.piece.at("properties", key, "id")
    if not piece.is_written:
        return ""
    name = known[type_].get(piece.text(found).lower(), "")
    if not name:
        piece.report_missing(type_, found)
    return name
