"""Load balancers of a template, as landing zones have them; what a cloud cannot express of them, it says itself.

Takes resources, gives balancers with their rules and probes, and the balancer of each pool; reports what is wrong with
them.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.landing_parts import (
    BalancerProtocol,
    BalancerRuleSpec,
    LoadBalancerSpec,
    NatRuleSpec,
    ProbeProtocol,
    ProbeSpec,
)
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import network_properties, own_parts, pieces, property_table, routing
from director.resolve.templates.front_ends import FrontEnd
from director.resolve.templates.pieces import PartPlaces, TemplatePiece, body_of

KIND = "load_balancers"
_PROTOCOLS: Mapping[str, BalancerProtocol] = {"tcp": "tcp", "udp": "udp", "all": "*"}
_PROBES: Mapping[str, ProbeProtocol] = {"tcp": "tcp", "http": "http", "https": "https"}


def read_balancers(
    resources: Sequence[TemplateResource], taken: Sequence[str], fronts: Mapping[str, FrontEnd], *, found: Findings
) -> tuple[LoadBalancerSpec, ...]:
    """All of them; `fronts` are those in subnets.

    Reports: template-value-invalid, template-reference-missing, template-name-taken.
    """
    listed = list(_balancers(resources))
    for one in listed:
        if one.name in taken:
            body_of(one).report_here(
                "template-name-taken",
                f"another template of the environment has a load balancer '{one.name}'.",
                found=found,
                why="Both templates would write its rules.",
                fix="Rename the resource.",
            )
    return tuple(_read(one, resources, fronts.get(one.key), found=found) for one in listed)


def pools_of(resources: Sequence[TemplateResource]) -> Mapping[str, str]:
    """The balancer's name by the id of its pool, in lower case."""
    return {
        _id_of(one, "backendAddressPools", piece): one.name
        for one in _balancers(resources)
        for piece in _parts(one, "backendAddressPools")
    }


def nat_rules_of(resources: Sequence[TemplateResource]) -> Mapping[str, str]:
    """ "BALANCER/RULE" by the id of a rule that leads to one VM, in lower case."""
    return {
        _id_of(one, "inboundNatRules", piece): f"{one.name}/{piece.at('name').value}"
        for one in _balancers(resources)
        for piece in own_parts.parts_of(one, "inboundNatRules", resources)
    }


def places_of(resources: Sequence[TemplateResource]) -> PartPlaces:
    """Where each balancer, rule and probe is written."""
    places: dict[tuple[str, ...], TemplatePiece] = {}
    for one in _balancers(resources):
        places[KIND, one.name] = body_of(one)
        for key, what in (("loadBalancingRules", "rules"), ("inboundNatRules", "nat_rules"), ("probes", "probes")):
            for piece in own_parts.parts_of(one, key, resources):
                places[KIND, one.name, what, str(piece.at("name").value)] = piece
    return places


def _balancers(resources: Sequence[TemplateResource]) -> Iterator[TemplateResource]:
    return (one for one in resources if property_table.type_of(one.type) == network_properties.BALANCER)


def _parts(balancer: TemplateResource, key: str) -> Iterator[TemplatePiece]:
    return body_of(balancer).at("properties", key).elements()


def _read(
    balancer: TemplateResource, resources: Sequence[TemplateResource], inner: FrontEnd | None, *, found: Findings
) -> LoadBalancerSpec:
    """One with rules that lead to one VM each has no need of a pool."""
    front = _single(balancer, "frontendIPConfigurations", "front end", found=found)
    if any(_parts(balancer, "loadBalancingRules")) or len(list(_parts(balancer, "backendAddressPools"))) > 1:
        _single(balancer, "backendAddressPools", "pool", found=found)
    return LoadBalancerSpec(
        name=balancer.name,
        public_name=_public_name(front, resources, found) if front else "",
        network=routing.landed_name(inner.subnet) if inner else "",
        address=inner.address if inner else "",
        nat_rules=tuple(
            _nat_rule(piece, balancer, found) for piece in own_parts.parts_of(balancer, "inboundNatRules", resources)
        ),
        probes=tuple(_probe(piece, found) for piece in _parts(balancer, "probes")),
        rules=tuple(_rule(piece, balancer, found) for piece in _parts(balancer, "loadBalancingRules")),
    )


def _single(balancer: TemplateResource, key: str, title: str, *, found: Findings) -> TemplatePiece | None:
    """The one part of that kind."""
    listed = list(_parts(balancer, key))
    if len(listed) != 1:
        body_of(balancer).at("properties", key).report_here(
            pieces.INVALID,
            f"a load balancer has one {title}, not {len(listed)}.",
            found=found,
            fix="Add it." if not listed else "Write a load balancer for each.",
        )
    return listed[0] if len(listed) == 1 else None


def _public_name(front: TemplatePiece, resources: Sequence[TemplateResource], found: Findings) -> str:
    """The public address of a front end; "" where it is in a subnet."""
    properties = front.at("properties")
    piece = properties.at("publicIPAddress", "id")
    if properties.at("subnet").is_written and properties.at("publicIPAddress").is_written:
        front.report_here(
            pieces.INVALID,
            "a front end has a public address or a subnet, not both.",
            found=found,
            fix="Remove publicIPAddress for one inside of the network, or subnet.",
        )
    if properties.at("subnet").is_written:
        return ""
    text = piece.text(found).lower()
    for one in resources:
        if one.key == text and property_table.type_of(one.type) == network_properties.ADDRESS:
            return one.name
    piece.report_missing(network_properties.ADDRESS, found)
    return ""


def _probe(piece: TemplatePiece, found: Findings) -> ProbeSpec:
    properties = piece.at("properties")
    usual = ProbeSpec(name="", protocol="tcp", port=0)
    protocol = _PROBES[properties.at("protocol").one_of(tuple(_PROBES), found)]
    path = properties.at("requestPath")
    if path.is_written and protocol == "tcp":
        path.report_here(pieces.INVALID, "a TCP probe has no path.", found=found, fix="Remove requestPath.")
    return ProbeSpec(
        name=piece.at("name").text(found),
        protocol=protocol,
        port=_whole(properties, "port", 0, found=found),
        path="" if protocol == "tcp" else path.text(found) or "/",
        interval_s=_whole(properties, "intervalInSeconds", usual.interval_s, found=found),
        unhealthy_after=_whole(properties, "numberOfProbes", usual.unhealthy_after, found=found),
    )


def _rule(piece: TemplatePiece, balancer: TemplateResource, found: Findings) -> BalancerRuleSpec:
    properties = piece.at("properties")
    _own(properties.at("frontendIPConfiguration", "id"), balancer, "frontendIPConfigurations", found=found)
    pool = properties.at("backendAddressPool", "id")
    for one in (pool, *(each.at("id") for each in properties.at("backendAddressPools").elements())):
        if one.is_written or not properties.at("backendAddressPools").is_written:
            _own(one, balancer, "backendAddressPools", found=found)
    probe = properties.at("probe", "id")
    return BalancerRuleSpec(
        name=piece.at("name").text(found),
        protocol=_PROTOCOLS[properties.at("protocol").one_of(tuple(_PROTOCOLS), found)],
        port=_whole(properties, "frontendPort", 0, found=found),
        machine_port=_whole(properties, "backendPort", 0, found=found),
        probe=_own(probe, balancer, "probes", found=found) if probe.is_written else "",
        idle_minutes=_whole(properties, "idleTimeoutInMinutes", 4, found=found),
    )


def _nat_rule(piece: TemplatePiece, balancer: TemplateResource, found: Findings) -> NatRuleSpec:
    properties = piece.at("properties")
    _own(properties.at("frontendIPConfiguration", "id"), balancer, "frontendIPConfigurations", found=found)
    return NatRuleSpec(
        name=piece.at("name").text(found),
        protocol=_PROTOCOLS[properties.at("protocol").one_of(("tcp", "udp"), found)],
        port=_whole(properties, "frontendPort", 0, found=found),
        machine_port=_whole(properties, "backendPort", 0, found=found),
        idle_minutes=_whole(properties, "idleTimeoutInMinutes", 4, found=found),
    )


def _own(piece: TemplatePiece, balancer: TemplateResource, key: str, *, found: Findings) -> str:
    """The name of a part of the balancer by its id. Reports: template-reference-missing."""
    known = {_id_of(balancer, key, one): str(one.at("name").value) for one in _parts(balancer, key)}
    name = known.get(piece.text(found).lower(), "")
    if not name and (not piece.is_written or isinstance(piece.value, str)):
        piece.report_here(
            pieces.MISSING,
            f"{piece.title} names nothing of the {key} of this load balancer: '{piece.value or ''}'.",
            found=found,
            why=f"It has {', '.join(known.values()) or 'none'}.",
            fix=f"Write [resourceId('Microsoft.Network/loadBalancers/{key}', '{balancer.name}', NAME)].",
        )
    return name


def _whole(properties: TemplatePiece, name: str, usual: int, *, found: Findings) -> int:
    number = properties.at(name).whole(found)
    return usual if number is None else number


def _id_of(balancer: TemplateResource, key: str, piece: TemplatePiece) -> str:
    return f"{balancer.key}/{key}/{piece.at('name').value}".lower()
