"""Public addresses, and rules of load balancers for one VM, that two things of a template would have.

Takes resources, reports those with more than one user.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import network_properties, pieces, property_table
from director.resolve.templates.interfaces import VmInterface
from director.resolve.templates.pieces import TemplatePiece, body_of


def check_addresses(resources: Sequence[TemplateResource], found: Findings) -> None:
    """Report load balancers and NAT gateways whose address something else has, too: template-value-invalid."""
    names = {one.key: one.name for one in _of(resources, network_properties.ADDRESS)}
    shared = [(place, name) for place, name in _shared(resources, names)]
    used = Counter(name for _, name in shared) + Counter(name for _, name in _on_interfaces(resources, names))
    for place, name in shared:
        if used[name] > 1:
            place.report_here(
                pieces.INVALID,
                f"its public address '{name}' is used by something else, too.",
                found=found,
                why="An address leads to one load balancer, one NAT gateway, or one VM.",
                fix="Give it an address of its own.",
            )


def check_nat_rules(vms: Sequence[tuple[TemplateResource, Sequence[VmInterface]]], found: Findings) -> None:
    """Report inbound NAT rules that interfaces of two VMs name: template-value-invalid."""
    users: dict[str, TemplateResource] = {}
    named = [(vm, one.nic, rule) for vm, interfaces in vms for one in interfaces for rule in one.nat_rules]
    for vm, nic, rule in named:
        other = users.setdefault(rule, vm)
        if other is not vm:
            body_of(nic).report_here(
                pieces.INVALID,
                f"the inbound NAT rule '{rule}' leads to VM '{other.name}' already.",
                found=found,
                why="Such a rule leads to one VM.",
                fix="Write a rule with a front end's port of its own for each VM.",
            )


def _shared(resources: Sequence[TemplateResource], names: Mapping[str, str]) -> Iterator[tuple[TemplatePiece, str]]:
    """Where load balancers and NAT gateways name their addresses."""
    for one in _of(resources, network_properties.BALANCER):
        place = body_of(one).at("properties", "frontendIPConfigurations")
        for piece in place.elements():
            yield from _known(piece.at("properties", "publicIPAddress", "id"), place, names)
    for one in _of(resources, network_properties.NAT):
        place = body_of(one).at("properties", "publicIpAddresses")
        for piece in place.elements():
            yield from _known(piece.at("id"), place, names)


def _on_interfaces(
    resources: Sequence[TemplateResource], names: Mapping[str, str]
) -> Iterator[tuple[TemplatePiece, str]]:
    for one in _of(resources, network_properties.NIC):
        for piece in body_of(one).at("properties", "ipConfigurations").elements():
            yield from _known(piece.at("properties", "publicIPAddress", "id"), piece, names)


def _known(
    reference: TemplatePiece, place: TemplatePiece, names: Mapping[str, str]
) -> Iterator[tuple[TemplatePiece, str]]:
    if isinstance(reference.value, str) and reference.value.lower() in names:
        yield place, names[reference.value.lower()]


def _of(resources: Sequence[TemplateResource], type_: str) -> Iterator[TemplateResource]:
    return (one for one in resources if property_table.type_of(one.type) == type_)
