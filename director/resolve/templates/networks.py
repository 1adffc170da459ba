"""Virtual networks of a template: each subnet is a managed network of the cloud config.

Takes resources, gives subnets by their ids; reports what is wrong with them.
"""

import hashlib
import ipaddress
import re
from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.landing_parts import NetworkParts
from cpi.contract.value_classes import dataclass
from director.model.environments import managed_networks
from director.model.secret_ref import Property
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.networks import ranges
from director.resolve.templates import network_properties, pieces, property_table
from director.resolve.templates.pieces import TemplatePiece, body_of

_LONGEST = 30
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")
_KEPT = 3
"""Addresses at the start of each subnet that Azure keeps: the gateway and two for its own DNS."""
Range = ipaddress.IPv4Network


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateSubnet:
    """`id` is Azure's, in lower case; `network` its name in the cloud config."""

    id: str
    network: str
    cidr: Range
    dns: tuple[str, ...]
    piece: TemplatePiece
    parts: NetworkParts = NetworkParts()
    fronts: tuple[str, ...] = ()
    """Addresses of load balancers."""

    @property
    def kept(self) -> tuple[str, ...]:
        """The addresses that no VM gets: the gateway and what Azure keeps."""
        return tuple(str(self.cidr.network_address + number) for number in range(1, _KEPT + 1))

    def describe(self, azs: Sequence[str], static: Sequence[str], dns: Sequence[str]) -> Mapping[str, Property]:
        """The network of the cloud config; `dns` is where the template names no servers."""
        gateway, *others = self.kept
        properties: Mapping[str, Property] = managed_networks.written_parts(self.parts)
        subnet: dict[str, Property] = {
            "name": "subnet",
            "range": str(self.cidr),
            "gateway": gateway,
            "azs": list(azs),
            "reserved": [*others, *self.fronts],
            **({"static": list(static)} if static else {}),
            **({"dns": list(self.dns or dns)} if self.dns or dns else {}),
            **({"cloud_properties": properties} if properties else {}),
        }
        return {"name": self.network, "type": "manual", "managed": True, "subnets": [subnet]}


def read_subnets(
    resources: Sequence[TemplateResource], landing_ranges: Mapping[str, str], found: Findings
) -> Mapping[str, TemplateSubnet]:
    """All subnets, within their networks or on their own. Reports: template-value-invalid, template-range-taken."""
    networks = {one.key: one for one in resources if property_table.type_of(one.type) == network_properties.VNET}
    subnets: dict[str, TemplateSubnet] = {}
    for piece, network, id_ in _written(resources, networks):
        subnet = _read(piece, network, id_, found=found)
        if subnet is None:
            continue
        for other in (each for each in subnets.values() if each.id != id_ and each.cidr.overlaps(subnet.cidr)):
            piece.report_here(
                pieces.INVALID,
                f"the range {subnet.cidr} overlaps {other.cidr}, of another subnet.",
                found=found,
                fix="Give each subnet a range of its own.",
            )
        _check_free(subnet, landing_ranges, found)
        subnets[id_] = subnet
    return subnets


def _written(
    resources: Sequence[TemplateResource], networks: Mapping[str, TemplateResource]
) -> Iterator[tuple[TemplatePiece, TemplateResource | None, str]]:
    """Each subnet with its properties' piece around it, its network and its id."""
    for resource in resources:
        match property_table.type_of(resource.type):
            case network_properties.VNET:
                for piece in body_of(resource).at("properties", "subnets").elements():
                    name = piece.at("name").value
                    yield piece, resource, f"{resource.key}/subnets/{str(name).lower()}"
            case network_properties.SUBNET:
                yield body_of(resource), networks.get(resource.key.rpartition("/subnets/")[0]), resource.key


def _read(
    piece: TemplatePiece, network: TemplateResource | None, id_: str, *, found: Findings
) -> TemplateSubnet | None:
    if network is None:
        piece.report_here(
            "template-reference-missing",
            "its virtual network is not in the template.",
            found=found,
            fix="Add the Microsoft.Network/virtualNetworks resource.",
        )
        return None
    cidr = _range(piece, found)
    if cidr is None:
        return None
    space = [text for each in _space(network).elements() if (text := each.text(found))]
    if not any(_holds(text, cidr) for text in space):
        piece.report_here(
            pieces.INVALID,
            f"the range {cidr} is not in the address space of '{network.name}'.",
            found=found,
            why=f"addressPrefixes has {', '.join(space) or 'nothing'}.",
            fix="Widen the address space, or correct the range.",
        )
    servers = body_of(network).at("properties", "dhcpOptions", "dnsServers")
    return TemplateSubnet(
        id=id_,
        network=_network_name(network.name, id_.rpartition("/")[2]),
        cidr=cidr,
        dns=tuple(text for each in servers.elements() if (text := each.text(found))),
        piece=piece,
    )


def _space(network: TemplateResource) -> TemplatePiece:
    return body_of(network).at("properties", "addressSpace", "addressPrefixes")


def _range(piece: TemplatePiece, found: Findings) -> Range | None:
    one, several = piece.at("properties", "addressPrefix"), piece.at("properties", "addressPrefixes")
    listed = list(several.elements())
    written = one if one.is_written else listed[0] if len(listed) == 1 else one
    text = written.text(found)
    cidr = ranges.read_cidr(text) if text else None
    if isinstance(cidr, Range) and cidr.prefixlen <= _LONGEST - 1:
        return cidr
    (written if written.is_written else piece).report_here(
        pieces.INVALID,
        f"'{text}' is not the range of a subnet." if text else "a subnet needs one addressPrefix.",
        found=found,
        why="compleat takes one IPv4 range, of 29 bits at most.",
        fix='Write a range such as "10.20.0.0/24".',
    )
    return None


def _check_free(subnet: TemplateSubnet, landing_ranges: Mapping[str, str], found: Findings) -> None:
    for name, text in landing_ranges.items():
        taken = ranges.read_cidr(text)
        if isinstance(taken, Range) and taken.overlaps(subnet.cidr):
            subnet.piece.report_here(
                "template-range-taken",
                f"the range {subnet.cidr} overlaps network '{name}' of the environment, {taken}.",
                found=found,
                why="The environment's own network has its jumpbox; both are connected.",
                fix="Choose another range, or change `networks` in the environment's file and `range` in its cloud "
                "config.",
            )


def _holds(text: str, cidr: Range) -> bool:
    space = ranges.read_cidr(text)
    return isinstance(space, Range) and cidr.subnet_of(space)


def _network_name(network: str, subnet: str) -> str:
    """Both names, as a managed network may be called; a long one ends with a digest, so that it stays its own."""
    name = _UNFIT.sub("-", f"{network}-{subnet}")
    if len(name) <= _LONGEST and name == f"{network}-{subnet}":
        return name
    digest = hashlib.sha256(f"{network}/{subnet}".encode()).hexdigest()[:6]
    return f"{name[: _LONGEST - len(digest) - 1]}-{digest}"
