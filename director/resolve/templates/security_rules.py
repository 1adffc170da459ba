"""Security groups of a template, as landing zones have them; what a cloud cannot express of them, it says itself.

Takes resources, gives groups with their rules; reports what is wrong with them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

from cpi.contract.landing_parts import (
    ANY,
    BALANCER_PREFIX,
    INTERNET_PREFIX,
    NETWORK_PREFIX,
    Access,
    Direction,
    Protocol,
    SecurityGroupSpec,
    SecurityRuleSpec,
)
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import network_properties, own_parts, property_table
from director.resolve.templates.pieces import PartPlaces, TemplatePiece, body_of

_WORDS: Mapping[str, str] = {word.lower(): word for word in (ANY, INTERNET_PREFIX, NETWORK_PREFIX, BALANCER_PREFIX)}
KIND = "security_groups"


def read_groups(
    resources: Sequence[TemplateResource], taken: Sequence[str], *, found: Findings
) -> tuple[SecurityGroupSpec, ...]:
    """All groups. Reports: template-value-invalid, template-name-taken."""
    for one in _groups(resources):
        if one.name in taken:
            body_of(one).report_here(
                "template-name-taken",
                f"another template of the environment has a security group '{one.name}'.",
                found=found,
                why="Both templates would write its rules.",
                fix="Rename the resource.",
            )
    return tuple(
        SecurityGroupSpec(name=one.name, rules=tuple(_rule(piece, found) for piece in _rules(one, resources)))
        for one in _groups(resources)
    )


def places_of(resources: Sequence[TemplateResource]) -> PartPlaces:
    """Where each group and rule is written."""
    places: dict[tuple[str, ...], TemplatePiece] = {}
    for one in _groups(resources):
        places[KIND, one.name] = body_of(one)
        for piece in _rules(one, resources):
            places[KIND, one.name, "rules", str(piece.at("name").value)] = piece
    return places


def _groups(resources: Sequence[TemplateResource]) -> Iterator[TemplateResource]:
    return (one for one in resources if property_table.type_of(one.type) == network_properties.GROUP)


def _rules(group: TemplateResource, resources: Sequence[TemplateResource]) -> Iterator[TemplatePiece]:
    return own_parts.parts_of(group, "securityRules", resources)


def _rule(piece: TemplatePiece, found: Findings) -> SecurityRuleSpec:
    properties = piece.at("properties")
    return SecurityRuleSpec(
        name=piece.at("name").text(found),
        priority=properties.at("priority").whole(found) or 0,
        direction=properties.at("direction").one_of(get_args(Direction), found),  # type: ignore[arg-type]
        access=properties.at("access").one_of(get_args(Access), found),  # type: ignore[arg-type]
        protocol=properties.at("protocol").one_of(get_args(Protocol), found),  # type: ignore[arg-type]
        ports=_several(properties, "destinationPortRange", found),
        source_ports=_several(properties, "sourcePortRange", found),
        sources=_several(properties, "sourceAddressPrefix", found, plural="sourceAddressPrefixes"),
        destinations=_several(properties, "destinationAddressPrefix", found, plural="destinationAddressPrefixes"),
    )


def _several(properties: TemplatePiece, name: str, found: Findings, *, plural: str = "") -> tuple[str, ...]:
    """The one value, and all of the array; any where neither is written."""
    written = [properties.at(name), *properties.at(plural or f"{name}s").elements()]
    texts = [text for piece in written if (text := piece.text(found))]
    return tuple(_WORDS.get(text.lower(), text) for text in texts) or (ANY,)
