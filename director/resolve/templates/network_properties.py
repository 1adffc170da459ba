"""What becomes of each property of the resources of networks.

Takes nothing, gives rows.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from director.resolve.templates import property_rows
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

VNET = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
GROUP = "Microsoft.Network/networkSecurityGroups"
ADDRESS = "Microsoft.Network/publicIPAddresses"
NIC = "Microsoft.Network/networkInterfaces"
BALANCER = "Microsoft.Network/loadBalancers"
NAT = "Microsoft.Network/natGateways"
ROUTES = "Microsoft.Network/routeTables"

PARTS: Mapping[str, tuple[str, ...]] = {
    GROUP: ("securityRules",),
    BALANCER: ("inboundNatRules",),
    ROUTES: ("routes",),
}
"""Arrays whose elements may be resources of their own, of the type PARENT/ARRAY."""

_ONE_VM = "write inboundNatRules, one for each VM and port"
_WAY_OUT = "VMs leave as the environment's own do, or by a NAT gateway of their subnet"

_OF_SUBNET: tuple[tuple[str, PropertyEffect, str], ...] = (
    ("addressPrefix", PropertyEffect.ACTED, "the range of the managed network"),
    ("addressPrefixes[]", PropertyEffect.ACTED, "one range"),
    ("networkSecurityGroup.id", PropertyEffect.ACTED, "the security group of the VM"),
    ("serviceEndpoints.*", PropertyEffect.REMARK, property_rows.HINT),
    ("privateEndpointNetworkPolicies", PropertyEffect.REMARK, property_rows.HINT),
    ("privateLinkServiceNetworkPolicies", PropertyEffect.REMARK, property_rows.HINT),
    ("natGateway.id", PropertyEffect.ACTED, "its way out"),
    ("routeTable.id", PropertyEffect.ACTED, "its routes"),
)


def _subnet_rows(type_: str, before: str) -> Iterator[PropertyRow]:
    for path, effect, words in _OF_SUBNET:
        yield PropertyRow(type=type_, path=f"{before}{path}", effect=effect, words=words)


def _part_rows(rows: tuple[PropertyRow, ...]) -> Iterator[PropertyRow]:
    """The rows of parts that are resources of their own: those of the elements."""
    for parent, key in ((parent, key) for parent, keys in PARTS.items() for key in keys):
        type_, before = f"{parent}/{key}", f"properties.{key}[]."
        inner = (row for row in rows if row.type == parent and row.path.startswith(f"{before}properties."))
        yield from property_rows.rows(type_)
        yield from (replace(row, type=type_, path=row.path.removeprefix(before)) for row in inner)


_ROWS: tuple[PropertyRow, ...] = (
    *property_rows.rows(
        VNET,
        property_rows.TAGS,
        ("properties.addressSpace.addressPrefixes[]", PropertyEffect.ACTED, "the subnets' ranges are in it"),
        ("properties.subnets[].name", PropertyEffect.ACTED, "each subnet is a managed network"),
        ("properties.dhcpOptions.dnsServers[]", PropertyEffect.ACTED, "the `dns` of its networks"),
    ),
    *_subnet_rows(VNET, "properties.subnets[].properties."),
    property_rows.only(VNET, "properties.enableDdosProtection", False),
    property_rows.only(VNET, "properties.enableVmProtection", False),
    *property_rows.rows(SUBNET),
    *_subnet_rows(SUBNET, "properties."),
    *property_rows.rows(
        GROUP,
        property_rows.TAGS,
        (
            "properties.securityRules[].name",
            PropertyEffect.ACTED,
            "a rule of a security group; each cloud says what it cannot express",
        ),
        ("properties.securityRules[].properties.priority", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.direction", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.access", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.protocol", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.destinationPortRange", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.destinationPortRanges[]", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.sourcePortRange", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.sourcePortRanges[]", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.sourceAddressPrefix", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.sourceAddressPrefixes[]", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.destinationAddressPrefix", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.destinationAddressPrefixes[]", PropertyEffect.ACTED, ""),
        ("properties.securityRules[].properties.description", PropertyEffect.REMARK, property_rows.HINT),
    ),
    *property_rows.rows(
        ADDRESS,
        property_rows.TAGS,
        ("sku.*", PropertyEffect.REMARK, property_rows.HINT),
        ("zones[]", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.publicIPAllocationMethod", PropertyEffect.ACTED, "reserved until `down`, whichever is written"),
        (
            "properties.dnsSettings.domainNameLabel",
            PropertyEffect.REMARK,
            "write `dns_names` in the environment's file",
        ),
        ("properties.idleTimeoutInMinutes", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.deleteOption", PropertyEffect.REMARK, property_rows.HINT),
    ),
    property_rows.only(ADDRESS, "properties.publicIPAddressVersion", "IPv4"),
    *property_rows.rows(
        NIC,
        property_rows.TAGS,
        ("properties.ipConfigurations[].name", PropertyEffect.ACTED, "one configuration each"),
        ("properties.ipConfigurations[].properties.subnet.id", PropertyEffect.ACTED, "a subnet of the template"),
        ("properties.ipConfigurations[].properties.privateIPAllocationMethod", PropertyEffect.ACTED, ""),
        ("properties.ipConfigurations[].properties.privateIPAddress", PropertyEffect.ACTED, "with the method Static"),
        ("properties.ipConfigurations[].properties.primary", PropertyEffect.ACTED, ""),
        ("properties.primary", PropertyEffect.REMARK, "the VM says which interface is the first"),
        ("properties.ipConfigurations[].properties.publicIPAddress.id", PropertyEffect.ACTED, "a `vip` network"),
        (
            "properties.ipConfigurations[].properties.publicIPAddress.properties.deleteOption",
            PropertyEffect.REMARK,
            property_rows.HINT,
        ),
        (
            "properties.ipConfigurations[].properties.loadBalancerBackendAddressPools[].id",
            PropertyEffect.ACTED,
            "the VM is behind that load balancer",
        ),
        (
            "properties.ipConfigurations[].properties.loadBalancerInboundNatRules[].id",
            PropertyEffect.ACTED,
            "the rule leads to the VM",
        ),
        ("properties.networkSecurityGroup.id", PropertyEffect.ACTED, "the security group of the VM"),
        ("properties.enableIPForwarding", PropertyEffect.ACTED, "the VM may forward what is for others"),
        ("properties.enableAcceleratedNetworking", PropertyEffect.REMARK, property_rows.HINT),
    ),
    property_rows.only(NIC, "properties.ipConfigurations[].properties.privateIPAddressVersion", "IPv4"),
    *property_rows.rows(
        BALANCER,
        property_rows.TAGS,
        ("sku.*", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.frontendIPConfigurations[].name", PropertyEffect.ACTED, "one front end"),
        ("properties.frontendIPConfigurations[].zones[]", PropertyEffect.REMARK, property_rows.HINT),
        (
            "properties.frontendIPConfigurations[].properties.publicIPAddress.id",
            PropertyEffect.ACTED,
            "a public address of the template",
        ),
        (
            "properties.frontendIPConfigurations[].properties.subnet.id",
            PropertyEffect.ACTED,
            "a subnet of the template, in place of a public address",
        ),
        ("properties.frontendIPConfigurations[].properties.privateIPAllocationMethod", PropertyEffect.ACTED, ""),
        (
            "properties.frontendIPConfigurations[].properties.privateIPAddress",
            PropertyEffect.ACTED,
            "with the method Static; compleat chooses a free one for Dynamic",
        ),
        ("properties.backendAddressPools[].name", PropertyEffect.ACTED, "one pool; interfaces of VMs name it"),
        (
            "properties.loadBalancingRules[].name",
            PropertyEffect.ACTED,
            "a rule of a load balancer; each cloud says what it cannot express",
        ),
        ("properties.loadBalancingRules[].properties.frontendIPConfiguration.id", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.backendAddressPool.id", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.backendAddressPools[].id", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.probe.id", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.protocol", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.frontendPort", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.backendPort", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.idleTimeoutInMinutes", PropertyEffect.ACTED, ""),
        ("properties.loadBalancingRules[].properties.enableTcpReset", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.probes[].name", PropertyEffect.ACTED, "rules name it"),
        ("properties.probes[].properties.protocol", PropertyEffect.ACTED, ""),
        ("properties.probes[].properties.port", PropertyEffect.ACTED, ""),
        ("properties.probes[].properties.requestPath", PropertyEffect.ACTED, "of HTTP and HTTPS"),
        ("properties.probes[].properties.intervalInSeconds", PropertyEffect.ACTED, ""),
        ("properties.probes[].properties.numberOfProbes", PropertyEffect.ACTED, "failures until a VM is left out"),
        (
            "properties.inboundNatRules[].name",
            PropertyEffect.ACTED,
            "a rule that leads to one VM, whose interface names it; each cloud says what it cannot express",
        ),
        ("properties.inboundNatRules[].properties.frontendIPConfiguration.id", PropertyEffect.ACTED, ""),
        ("properties.inboundNatRules[].properties.protocol", PropertyEffect.ACTED, ""),
        ("properties.inboundNatRules[].properties.frontendPort", PropertyEffect.ACTED, ""),
        ("properties.inboundNatRules[].properties.backendPort", PropertyEffect.ACTED, ""),
        ("properties.inboundNatRules[].properties.idleTimeoutInMinutes", PropertyEffect.ACTED, ""),
        ("properties.inboundNatRules[].properties.enableTcpReset", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.inboundNatRules[].properties.backendAddressPool.*", PropertyEffect.REFUSED, _ONE_VM),
        ("properties.inboundNatRules[].properties.frontendPortRangeStart", PropertyEffect.REFUSED, _ONE_VM),
        ("properties.inboundNatRules[].properties.frontendPortRangeEnd", PropertyEffect.REFUSED, _ONE_VM),
        ("properties.inboundNatPools[]", PropertyEffect.REFUSED, f"they are of scale sets; {_ONE_VM}"),
        ("properties.outboundRules.*", PropertyEffect.REMARK, _WAY_OUT),
        ("properties.loadBalancingRules[].properties.disableOutboundSnat", PropertyEffect.REMARK, _WAY_OUT),
    ),
    property_rows.only(BALANCER, "properties.frontendIPConfigurations[].properties.privateIPAddressVersion", "IPv4"),
    property_rows.only(BALANCER, "properties.loadBalancingRules[].properties.enableFloatingIP", False),
    property_rows.only(BALANCER, "properties.inboundNatRules[].properties.enableFloatingIP", False),
    property_rows.only(BALANCER, "properties.loadBalancingRules[].properties.loadDistribution", "Default"),
    property_rows.only(BALANCER, "properties.probes[].properties.probeThreshold", 1),
    *property_rows.rows(
        NAT,
        property_rows.TAGS,
        ("sku.*", PropertyEffect.REMARK, property_rows.HINT),
        ("zones[]", PropertyEffect.REMARK, property_rows.HINT),
        (
            "properties.publicIpAddresses[].id",
            PropertyEffect.ACTED,
            "a public address of the template; each cloud says how many",
        ),
        ("properties.publicIpPrefixes[].id", PropertyEffect.REFUSED, "write publicIpAddresses"),
        ("properties.idleTimeoutInMinutes", PropertyEffect.ACTED, "from 4 to 120, at most 5 on AWS"),
    ),
    *property_rows.rows(
        ROUTES,
        property_rows.TAGS,
        (
            "properties.routes[].name",
            PropertyEffect.ACTED,
            "a route of a route table; each cloud says what it cannot express",
        ),
        ("properties.routes[].properties.addressPrefix", PropertyEffect.ACTED, "a range; no name of a service"),
        ("properties.routes[].properties.nextHopType", PropertyEffect.ACTED, ""),
        ("properties.routes[].properties.nextHopIpAddress", PropertyEffect.ACTED, "of a VirtualAppliance"),
    ),
    property_rows.only(ROUTES, "properties.disableBgpRoutePropagation", False),
)
ROWS: tuple[PropertyRow, ...] = (*_ROWS, *_part_rows(_ROWS))
