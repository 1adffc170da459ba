"""Front ends of load balancers inside of a template's subnets: the address that each has there.

Takes resources and subnets, gives addresses by balancer; reports what is wrong with them. Where the template leaves the
choice to Azure, compleat chooses, so that no VM gets the same address and every cloud gives the same one.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.value_classes import dataclass
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import interfaces, network_properties, pieces, property_table
from director.resolve.templates.networks import TemplateSubnet
from director.resolve.templates.pieces import TemplatePiece, body_of

_SMALLEST_SHARED = 28
"""In longer ranges the last address is chosen first, in others that of the third quarter: OpenStack gives its own ports
addresses of the last one.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """An address in a subnet, by its id."""

    subnet: TemplateSubnet
    address: str


def read_front_ends(
    resources: Sequence[TemplateResource], subnets: Mapping[str, TemplateSubnet], found: Findings
) -> Mapping[str, FrontEnd]:
    """Those that are in subnets, by the balancer's key. Reports: template-value-invalid, template-reference-missing."""
    used = dict(_on_interfaces(resources))
    chosen: dict[str, FrontEnd] = {}
    waiting: list[tuple[str, TemplateSubnet]] = []
    for balancer, piece in _inner(resources):
        subnet = _subnet(piece, subnets, found)
        if subnet is None:
            continue
        address = interfaces.read_static(piece.at("properties"), subnet, found)
        if address:
            _check_unused(piece, address, used, found=found)
            used[address] = f"load balancer '{balancer.name}'"
            chosen[balancer.key] = FrontEnd(subnet=subnet, address=address)
        else:
            waiting.append((balancer.key, subnet))
    for key, subnet in waiting:
        address = next((one for one in _choices(subnet) if one not in used), "")
        if not address:
            _report_full(subnet, found)
        used[address] = key
        chosen[key] = FrontEnd(subnet=subnet, address=address)
    return chosen


def addresses_in(id_: str, fronts: Mapping[str, FrontEnd]) -> tuple[str, ...]:
    """The addresses of front ends in a subnet."""
    return tuple(one.address for one in fronts.values() if one.subnet.id == id_ and one.address)


def _inner(resources: Sequence[TemplateResource]) -> Iterator[tuple[TemplateResource, TemplatePiece]]:
    """Each front end that names a subnet."""
    for one, piece in _configurations(resources, network_properties.BALANCER, "frontendIPConfigurations"):
        properties = piece.at("properties")
        if properties.at("subnet").is_written and not properties.at("publicIPAddress").is_written:
            yield one, piece


def _subnet(piece: TemplatePiece, subnets: Mapping[str, TemplateSubnet], found: Findings) -> TemplateSubnet | None:
    named = piece.at("properties", "subnet", "id")
    subnet = subnets.get(named.text(found).lower())
    if subnet is None:
        named.report_missing(network_properties.SUBNET, found)
    return subnet


def _on_interfaces(resources: Sequence[TemplateResource]) -> Iterator[tuple[str, str]]:
    """The static addresses of VMs, and what has them."""
    for one, piece in _configurations(resources, network_properties.NIC, "ipConfigurations"):
        address = piece.at("properties", "privateIPAddress").value
        if isinstance(address, str):
            yield address, f"interface '{one.name}'"


def _configurations(
    resources: Sequence[TemplateResource], type_: str, key: str
) -> Iterator[tuple[TemplateResource, TemplatePiece]]:
    for one in resources:
        if property_table.type_of(one.type) == type_:
            yield from ((one, piece) for piece in body_of(one).at("properties", key).elements())


def _check_unused(piece: TemplatePiece, address: str, used: Mapping[str, str], *, found: Findings) -> None:
    if address in used:
        piece.at("properties", "privateIPAddress").report_here(
            pieces.INVALID,
            f"its address {address} is that of {used[address]}, too.",
            found=found,
            fix="Give each an address of its own.",
        )


def _choices(subnet: TemplateSubnet) -> Iterator[str]:
    """From the last address that VMs are unlikely to have downwards, then the others."""
    first, last = int(subnet.cidr.network_address) + 1, int(subnet.cidr.broadcast_address) - 1
    shared = subnet.cidr.prefixlen < _SMALLEST_SHARED
    top = int(subnet.cidr.network_address) + subnet.cidr.num_addresses * 3 // 4 - 1 if shared else last
    for number in (*range(top, first - 1, -1), *range(last, top, -1)):
        text = str(ipaddress.IPv4Address(number))
        if text not in subnet.kept:
            yield text


def _report_full(subnet: TemplateSubnet, found: Findings) -> None:
    subnet.piece.report_here(
        pieces.INVALID,
        f"it has no address left for the load balancers that are in it, in {subnet.cidr}.",
        found=found,
        fix="Widen its range.",
    )
