"""What becomes of each property of each type of resource: the one table of it.

Takes a type and the way to a property, gives its row. What has no row is refused: nothing is accepted and then not
acted on.
"""

from collections.abc import Iterator, Mapping
from enum import Enum

from cpi.contract.value_classes import dataclass

JsonScalar = None | bool | int | float | str


class PropertyEffect(Enum):
    """What compleat does with a property."""

    ACTED = "yes"
    REMARK = "a remark"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRow:
    """`path` has names joined by dots, `[]` for any element, and ends with `.*` for all that is below.

    `only` are the values that change nothing, where others are refused.
    """

    type: str
    path: str
    effect: PropertyEffect = PropertyEffect.ACTED
    words: str = ""
    only: tuple[JsonScalar, ...] = ()


VNET = "Microsoft.Network/virtualNetworks"
SUBNET = "Microsoft.Network/virtualNetworks/subnets"
GROUP = "Microsoft.Network/networkSecurityGroups"
ADDRESS = "Microsoft.Network/publicIPAddresses"
NIC = "Microsoft.Network/networkInterfaces"
BALANCER = "Microsoft.Network/loadBalancers"
VM = "Microsoft.Compute/virtualMachines"
EXTENSION = "Microsoft.Compute/virtualMachines/extensions"
DISK = "Microsoft.Compute/disks"
SET = "Microsoft.Compute/availabilitySets"
BUNDLE = "Compleat/bundles"
DEPLOYMENT = "Compleat/deployments"

_PLACE = "the environment's own place is used"
_HINT = "a hint for Azure's own service"
_ELSEWHERE = "not part of what compleat makes yet"
_OF_SUBNET: tuple[tuple[str, PropertyEffect, str], ...] = (
    ("addressPrefix", PropertyEffect.ACTED, "the range of the managed network"),
    ("addressPrefixes[]", PropertyEffect.ACTED, "one range"),
    ("networkSecurityGroup.id", PropertyEffect.ACTED, "the security group of the VM"),
    ("serviceEndpoints.*", PropertyEffect.REMARK, _HINT),
    ("privateEndpointNetworkPolicies", PropertyEffect.REMARK, _HINT),
    ("privateLinkServiceNetworkPolicies", PropertyEffect.REMARK, _HINT),
    (
        "natGateway.*",
        PropertyEffect.REFUSED,
        "write `has_nat_gateway` in the environment's file where the cloud has it",
    ),
    ("routeTable.*", PropertyEffect.REFUSED, _ELSEWHERE),
)


def _subnet_rows(type_: str, before: str) -> Iterator[PropertyRow]:
    for path, effect, words in _OF_SUBNET:
        yield PropertyRow(type=type_, path=f"{before}{path}", effect=effect, words=words)


def _rows(type_: str, *rows: tuple[str, PropertyEffect, str]) -> Iterator[PropertyRow]:
    yield PropertyRow(type=type_, path="location", words=_PLACE)
    for path, effect, words in rows:
        yield PropertyRow(type=type_, path=path, effect=effect, words=words)


def _only(type_: str, path: str, *values: JsonScalar, words: str = _ELSEWHERE) -> PropertyRow:
    return PropertyRow(type=type_, path=path, words=words, only=values)


_TAGS = ("tags.*", PropertyEffect.REMARK, "it has the environment's `tags`")

TABLE: tuple[PropertyRow, ...] = (
    *_rows(
        VNET,
        _TAGS,
        ("properties.addressSpace.addressPrefixes[]", PropertyEffect.ACTED, "the subnets' ranges are in it"),
        ("properties.subnets[].name", PropertyEffect.ACTED, "each subnet is a managed network"),
        ("properties.dhcpOptions.dnsServers[]", PropertyEffect.ACTED, "the `dns` of its networks"),
    ),
    *_subnet_rows(VNET, "properties.subnets[].properties."),
    _only(VNET, "properties.enableDdosProtection", False),
    _only(VNET, "properties.enableVmProtection", False),
    *_rows(SUBNET),
    *_subnet_rows(SUBNET, "properties."),
    *_rows(
        GROUP,
        _TAGS,
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
        ("properties.securityRules[].properties.description", PropertyEffect.REMARK, _HINT),
    ),
    *_rows(
        ADDRESS,
        _TAGS,
        ("sku.*", PropertyEffect.REMARK, _HINT),
        ("zones[]", PropertyEffect.REMARK, _HINT),
        ("properties.publicIPAllocationMethod", PropertyEffect.ACTED, "reserved until `down`, whichever is written"),
        (
            "properties.dnsSettings.domainNameLabel",
            PropertyEffect.REMARK,
            "write `dns_names` in the environment's file",
        ),
        ("properties.idleTimeoutInMinutes", PropertyEffect.REMARK, _HINT),
        ("properties.deleteOption", PropertyEffect.REMARK, _HINT),
    ),
    _only(ADDRESS, "properties.publicIPAddressVersion", "IPv4"),
    *_rows(
        NIC,
        _TAGS,
        ("properties.ipConfigurations[].name", PropertyEffect.ACTED, "one configuration each"),
        ("properties.ipConfigurations[].properties.subnet.id", PropertyEffect.ACTED, "a subnet of the template"),
        ("properties.ipConfigurations[].properties.privateIPAllocationMethod", PropertyEffect.ACTED, ""),
        ("properties.ipConfigurations[].properties.privateIPAddress", PropertyEffect.ACTED, "with the method Static"),
        ("properties.ipConfigurations[].properties.primary", PropertyEffect.ACTED, ""),
        ("properties.ipConfigurations[].properties.publicIPAddress.id", PropertyEffect.ACTED, "a `vip` network"),
        (
            "properties.ipConfigurations[].properties.publicIPAddress.properties.deleteOption",
            PropertyEffect.REMARK,
            _HINT,
        ),
        (
            "properties.ipConfigurations[].properties.loadBalancerBackendAddressPools[].id",
            PropertyEffect.ACTED,
            "the VM is behind that load balancer",
        ),
        ("properties.networkSecurityGroup.id", PropertyEffect.ACTED, "the security group of the VM"),
        ("properties.enableAcceleratedNetworking", PropertyEffect.REMARK, _HINT),
    ),
    _only(NIC, "properties.enableIPForwarding", False),
    _only(NIC, "properties.ipConfigurations[].properties.privateIPAddressVersion", "IPv4"),
    *_rows(
        BALANCER,
        _TAGS,
        ("sku.*", PropertyEffect.REMARK, _HINT),
        ("properties.frontendIPConfigurations[].name", PropertyEffect.ACTED, "one front end"),
        ("properties.frontendIPConfigurations[].zones[]", PropertyEffect.REMARK, _HINT),
        (
            "properties.frontendIPConfigurations[].properties.publicIPAddress.id",
            PropertyEffect.ACTED,
            "a public address of the template",
        ),
        (
            "properties.frontendIPConfigurations[].properties.subnet.*",
            PropertyEffect.REFUSED,
            "a load balancer's front end is a public address",
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
        ("properties.loadBalancingRules[].properties.enableTcpReset", PropertyEffect.REMARK, _HINT),
        ("properties.probes[].name", PropertyEffect.ACTED, "rules name it"),
        ("properties.probes[].properties.protocol", PropertyEffect.ACTED, ""),
        ("properties.probes[].properties.port", PropertyEffect.ACTED, ""),
        ("properties.probes[].properties.requestPath", PropertyEffect.ACTED, "of HTTP and HTTPS"),
        ("properties.probes[].properties.intervalInSeconds", PropertyEffect.ACTED, ""),
        ("properties.probes[].properties.numberOfProbes", PropertyEffect.ACTED, "failures until a VM is left out"),
        ("properties.inboundNatRules[]", PropertyEffect.REFUSED, "give the VM a public address of its own"),
        ("properties.outboundRules[]", PropertyEffect.REFUSED, "VMs leave as the environment's own do"),
    ),
    _only(BALANCER, "properties.frontendIPConfigurations[].properties.privateIPAllocationMethod", "Dynamic"),
    _only(BALANCER, "properties.loadBalancingRules[].properties.enableFloatingIP", False),
    _only(BALANCER, "properties.loadBalancingRules[].properties.disableOutboundSnat", False),
    _only(BALANCER, "properties.loadBalancingRules[].properties.loadDistribution", "Default"),
    _only(BALANCER, "properties.probes[].properties.probeThreshold", 1),
    *_rows(
        VM,
        ("tags.*", PropertyEffect.ACTED, "the `tags` of its instance group"),
        ("zones[]", PropertyEffect.ACTED, "the AZ of that number in the cloud config; else the first"),
        (
            "properties.hardwareProfile.vmSize",
            PropertyEffect.ACTED,
            "on Azure that size, elsewhere its cores and memory",
        ),
        ("properties.osProfile.computerName", PropertyEffect.REMARK, "the host name is the instance's id"),
        ("properties.osProfile.adminUsername", PropertyEffect.ACTED, "a user with the keys"),
        ("properties.osProfile.adminPassword", PropertyEffect.REMARK, "users sign in with SSH keys"),
        ("properties.osProfile.customData", PropertyEffect.ACTED, "a script that begins with `#!`: run once as root"),
        ("properties.osProfile.linuxConfiguration.ssh.publicKeys[].keyData", PropertyEffect.ACTED, "the user's keys"),
        ("properties.osProfile.linuxConfiguration.ssh.publicKeys[].path", PropertyEffect.ACTED, "in the user's home"),
        ("properties.osProfile.linuxConfiguration.provisionVMAgent", PropertyEffect.REMARK, _HINT),
        ("properties.osProfile.linuxConfiguration.patchSettings.*", PropertyEffect.REMARK, _HINT),
        ("properties.osProfile.windowsConfiguration.*", PropertyEffect.REFUSED, "VMs run Linux"),
        ("properties.storageProfile.imageReference.publisher", PropertyEffect.ACTED, "Canonical, or Debian"),
        (
            "properties.storageProfile.imageReference.offer",
            PropertyEffect.ACTED,
            "with publisher and sku: the stemcell",
        ),
        ("properties.storageProfile.imageReference.sku", PropertyEffect.ACTED, "the release in it: 22_04, 24_04"),
        ("properties.storageProfile.imageReference.version", PropertyEffect.ACTED, "the newest"),
        ("properties.storageProfile.imageReference.id", PropertyEffect.REFUSED, "upload a stemcell of the image"),
        ("properties.storageProfile.osDisk.name", PropertyEffect.REMARK, _HINT),
        ("properties.storageProfile.osDisk.caching", PropertyEffect.REMARK, _HINT),
        ("properties.storageProfile.osDisk.deleteOption", PropertyEffect.REMARK, _HINT),
        ("properties.storageProfile.osDisk.managedDisk.storageAccountType", PropertyEffect.REMARK, _HINT),
        ("properties.storageProfile.osDisk.diskSizeGB", PropertyEffect.REFUSED, "add a data disk"),
        ("properties.storageProfile.dataDisks[].lun", PropertyEffect.ACTED, "the order of the disks"),
        ("properties.storageProfile.dataDisks[].name", PropertyEffect.ACTED, "a persistent disk with that name"),
        ("properties.storageProfile.dataDisks[].diskSizeGB", PropertyEffect.ACTED, "its disk type"),
        ("properties.storageProfile.dataDisks[].createOption", PropertyEffect.ACTED, "Empty, or Attach with an id"),
        ("properties.storageProfile.dataDisks[].managedDisk.id", PropertyEffect.ACTED, "a disk of the template"),
        ("properties.storageProfile.dataDisks[].managedDisk.storageAccountType", PropertyEffect.REMARK, _HINT),
        ("properties.storageProfile.dataDisks[].caching", PropertyEffect.REMARK, _HINT),
        ("properties.storageProfile.dataDisks[].deleteOption", PropertyEffect.REMARK, _HINT),
        ("properties.networkProfile.networkInterfaces[].id", PropertyEffect.ACTED, "interfaces of the template"),
        ("properties.networkProfile.networkInterfaces[].properties.primary", PropertyEffect.ACTED, "has the gateway"),
        ("properties.networkProfile.networkInterfaces[].properties.deleteOption", PropertyEffect.REMARK, _HINT),
        ("properties.diagnosticsProfile.*", PropertyEffect.REMARK, _HINT),
        ("properties.securityProfile.*", PropertyEffect.REMARK, _HINT),
        ("properties.availabilitySet.id", PropertyEffect.REMARK, "write `zones`"),
    ),
    _only(VM, "properties.osProfile.linuxConfiguration.disablePasswordAuthentication", True),
    _only(VM, "properties.storageProfile.osDisk.createOption", "FromImage"),
    _only(VM, "properties.storageProfile.osDisk.osType", "Linux"),
    _only(VM, "properties.priority", "Regular"),
    *_rows(
        EXTENSION,
        _TAGS,
        ("properties.publisher", PropertyEffect.ACTED, "with type: which extension it is"),
        ("properties.type", PropertyEffect.ACTED, "CustomScript; those of monitoring and attestation are a remark"),
        ("properties.typeHandlerVersion", PropertyEffect.REMARK, _HINT),
        ("properties.autoUpgradeMinorVersion", PropertyEffect.REMARK, _HINT),
        ("properties.enableAutomaticUpgrade", PropertyEffect.REMARK, _HINT),
        ("properties.settings.commandToExecute", PropertyEffect.ACTED, "run once as root, by a shell"),
        ("properties.settings.script", PropertyEffect.ACTED, "a script in base64: run once as root"),
        ("properties.settings.skipDos2Unix", PropertyEffect.REMARK, _HINT),
        ("properties.settings.timestamp", PropertyEffect.REMARK, _HINT),
        ("properties.settings.fileUris[]", PropertyEffect.REFUSED, "write what the files do into the script"),
        (
            "properties.protectedSettings.*",
            PropertyEffect.REFUSED,
            "a secret of a script belongs into `variables` of a Compleat/deployments resource",
        ),
    ),
    *_rows(
        DISK,
        _TAGS,
        ("sku.*", PropertyEffect.REMARK, _HINT),
        ("zones[]", PropertyEffect.REMARK, "it is where its VM is"),
        ("properties.diskSizeGB", PropertyEffect.ACTED, "the disk type of a VM's persistent disk"),
    ),
    _only(DISK, "properties.creationData.createOption", "Empty"),
    *_rows(
        SET,
        _TAGS,
        ("sku.*", PropertyEffect.REMARK, _HINT),
        ("properties.*", PropertyEffect.REMARK, "VMs are spread by `zones`"),
    ),
    *_rows(
        BUNDLE,
        (
            "properties.bundle",
            PropertyEffect.ACTED,
            "a bundle that ships, or a folder beside the template; else the name",
        ),
        ("properties.variables.*", PropertyEffect.ACTED, "variables of its deployments; secure ones go to the vault"),
    ),
    *_rows(
        DEPLOYMENT,
        ("properties.manifest.*", PropertyEffect.ACTED, "the manifest itself, or a file beside the template"),
        ("properties.ops[]", PropertyEffect.ACTED, "ops files beside the template"),
        ("properties.variables.*", PropertyEffect.ACTED, "variables; secure ones go to the vault"),
    ),
)
ELSEWHERE: Mapping[str, str] = {
    "Microsoft.Network/natGateways": "Set `has_nat_gateway` in the environment's file where its cloud has that "
    "property: the environment's networks then have one.",
    "Microsoft.Network/routeTables": "Make the network with its routes itself, and name it in the cloud config "
    "(docs/howto/bring-your-own-network.md).",
    "Microsoft.Compute/images": "Upload the image as a stemcell (docs/howto/pack-a-stemcell.md), and name it in a "
    "Compleat/deployments resource.",
    "Microsoft.Storage/storageAccounts": "Make the account itself, and give its name to deployments as a variable.",
    "Compleat/environments": "An environment is written by `compleat init --template FILE`; `compleat up` then creates "
    "it.",
}
"""Types that compleat does not make of templates, and what to do instead."""
TYPES = tuple(dict.fromkeys(row.type for row in TABLE))
_BY_TYPE: Mapping[str, Mapping[str, PropertyRow]] = {
    type_.lower(): {row.path.lower(): row for row in TABLE if row.type == type_} for type_ in TYPES
}


def type_of(written: str) -> str | None:
    """A type as the table has it, whatever its case; None for one that compleat does not make."""
    return next((each for each in TYPES if each.lower() == written.lower()), None)


def instead_of(written: str) -> str:
    """What to do instead of a type that compleat does not make, "" where that is not known."""
    return next((fix for type_, fix in ELSEWHERE.items() if type_.lower() == written.lower()), "")


def find_row(type_: str, path: str) -> PropertyRow | None:
    """The row of a property, or of all that is below one around it."""
    rows, wanted = _BY_TYPE.get(type_.lower(), {}), path.lower()
    if wanted in rows:
        return rows[wanted]
    words = wanted.split(".")
    for count in range(len(words), 0, -1):
        found = rows.get(".".join(words[:count]) + ".*")
        if found is not None:
            return found
    return None


def is_way(type_: str, path: str) -> bool:
    """Whether a property has rows below it."""
    wanted = path.lower()
    return any(each.startswith((f"{wanted}.", f"{wanted}[")) for each in _BY_TYPE.get(type_.lower(), {}))


def paths_of(type_: str) -> tuple[str, ...]:
    """All properties of a type, with those that lead to them."""
    rows = [row.path.removesuffix(".*") for row in TABLE if row.type.lower() == type_.lower()]
    steps = [path.split(".") for path in rows]
    return tuple(dict.fromkeys(".".join(words[:count]) for words in steps for count in range(len(words), 0, -1)))
