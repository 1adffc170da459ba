"""Network interfaces of a template's VMs: on which subnet, with which addresses.

Takes a VM and the index of resources, gives interfaces; reports what is wrong with them.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import field

from cpi.contract.landing_parts import ImageSpec
from cpi.contract.value_classes import dataclass
from director.model.template_resources import TemplateResource
from director.resolve.findings import Findings
from director.resolve.templates import network_properties, pieces, property_table
from director.resolve.templates.networks import TemplateSubnet
from director.resolve.templates.pieces import TemplatePiece, body_of

_KINDS = {
    "loadBalancerBackendAddressPools": "backendAddressPools",
    "loadBalancerInboundNatRules": "inboundNatRules",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The resources by their ids in lower case, all subnets, and load balancers' names by the ids of their pools;
    `nat_rules` are "BALANCER/RULE" by ids. `images` are by the ids that VMs name them by, in lower case.
    """

    resources: Mapping[str, TemplateResource]
    subnets: Mapping[str, TemplateSubnet]
    pools: Mapping[str, str] = field(default_factory=dict)
    nat_rules: Mapping[str, str] = field(default_factory=dict)
    images: Mapping[str, ImageSpec] = field(default_factory=dict)

    def find(self, piece: TemplatePiece, type_: str, found: Findings) -> TemplateResource | None:
        """The resource of a type whose id a piece has. Reports: template-reference-missing."""
        text = piece.text(found)
        resource = self.resources.get(text.lower())
        if resource is not None and property_table.type_of(resource.type) == type_:
            return resource
        piece.report_missing(type_, found)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class VmInterface:
    """`address` is the static one, "" for any; `public` the name of the public address, `group` that of the security
    group, "" for none; `balancers` are those whose pool it is in, `nat_rules` those that lead to it. One that
    `forwards` takes what is for others.
    """

    nic: TemplateResource
    subnet: TemplateSubnet
    address: str
    public: str
    group: str = ""
    balancers: tuple[str, ...] = ()
    nat_rules: tuple[str, ...] = ()
    forwards: bool = False


def read_interfaces(vm: TemplateResource, index: Index, found: Findings) -> tuple[VmInterface, ...]:
    """A VM's interfaces, the one with the gateway first."""
    listed = list(body_of(vm).at("properties", "networkProfile", "networkInterfaces").elements())
    if not listed:
        body_of(vm).report_here(
            pieces.INVALID, "a VM needs a network interface.", found=found, fix="Add networkProfile.networkInterfaces."
        )
    listed.sort(key=lambda each: each.at("properties", "primary").value is not True)
    nics = [index.find(each.at("id"), network_properties.NIC, found) for each in listed]
    return tuple(one for nic in nics if nic is not None for one in _of_nic(nic, index, found))


def read_static(properties: TemplatePiece, subnet: TemplateSubnet, found: Findings) -> str:
    """The static address of an IP configuration, "" for one that has any. Reports: template-value-invalid."""
    method = properties.at("privateIPAllocationMethod").text(found)
    written = properties.at("privateIPAddress")
    text = written.text(found)
    if method.lower() != "static":
        if text:
            written.report_here(
                pieces.INVALID,
                f"the address {text} has no effect without the method Static.",
                found=found,
                fix='Write "privateIPAllocationMethod": "Static", or remove the address.',
            )
        return ""
    if not _is_free(text, subnet):
        (written if written.is_written else properties.at("privateIPAllocationMethod")).report_here(
            pieces.INVALID,
            f"'{text}' is not a free address of {subnet.cidr}.",
            found=found,
            why=f"The first and last address, and {', '.join(subnet.kept)}, are not for VMs.",
            fix="Write another address of the subnet.",
        )
        return ""
    return text


def _of_nic(nic: TemplateResource, index: Index, found: Findings) -> Iterator[VmInterface]:
    configurations = list(body_of(nic).at("properties", "ipConfigurations").elements())
    if len(configurations) != 1:
        body_of(nic).at("properties", "ipConfigurations").report_here(
            pieces.INVALID,
            f"an interface has one IP configuration, not {len(configurations)}.",
            found=found,
            fix="Give the VM an interface for each.",
        )
    for piece in configurations[:1]:
        properties = piece.at("properties")
        subnet = _subnet(properties.at("subnet", "id"), index, found)
        public = properties.at("publicIPAddress", "id")
        address = index.find(public, network_properties.ADDRESS, found) if public.is_written else None
        own = body_of(nic).at("properties", "networkSecurityGroup", "id")
        if subnet is not None:
            yield VmInterface(
                nic=nic,
                subnet=subnet,
                address=read_static(properties, subnet, found),
                public=address.name if address else "",
                forwards=body_of(nic).at("properties", "enableIPForwarding").flag(found),
                balancers=_parts(properties, "loadBalancerBackendAddressPools", index.pools, found=found),
                nat_rules=_parts(properties, "loadBalancerInboundNatRules", index.nat_rules, found=found),
                group=_group(own, subnet.piece.at("properties", "networkSecurityGroup", "id"), index, found=found),
            )


def _parts(properties: TemplatePiece, key: str, known: Mapping[str, str], *, found: Findings) -> tuple[str, ...]:
    """What the parts of load balancers that an interface names are known as."""
    names: list[str] = []
    for each in properties.at(key).elements():
        name = known.get(each.at("id").text(found).lower())
        if name is None:
            each.at("id").report_missing(f"{network_properties.BALANCER}/{_KINDS[key]}", found)
        else:
            names.append(name)
    return tuple(dict.fromkeys(names))


def _group(own: TemplatePiece, of_subnet: TemplatePiece, index: Index, *, found: Findings) -> str:
    """The one group of an interface: its own or its subnet's, which must be the same where both have one."""
    written = [piece for piece in (own, of_subnet) if piece.is_written]
    groups = [group for piece in written if (group := index.find(piece, network_properties.GROUP, found))]
    names = list(dict.fromkeys(group.name for group in groups))
    if len(names) > 1:
        own.report_here(
            pieces.INVALID,
            f"the interface has the group '{names[0]}' and its subnet has '{names[1]}'.",
            found=found,
            why="compleat gives an interface one security group.",
            fix="Write the rules of both into one group.",
        )
    return names[0] if names else ""


def _subnet(piece: TemplatePiece, index: Index, found: Findings) -> TemplateSubnet | None:
    subnet = index.subnets.get(piece.text(found).lower())
    if subnet is None:
        piece.report_missing(network_properties.SUBNET, found)
    return subnet


def _is_free(text: str, subnet: TemplateSubnet) -> bool:
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        return False
    edges = (subnet.cidr.network_address, subnet.cidr.broadcast_address)
    return address in subnet.cidr and address not in edges and text not in subnet.kept
