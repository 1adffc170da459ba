"""What becomes of each property of each type of resource: the one table of it.

Takes a type and the way to a property, gives its row. What has no row is refused: nothing is accepted and then not
acted on.
"""

from collections.abc import Mapping

from director.resolve.templates import image_properties, network_properties, property_rows, storage_properties
from director.resolve.templates.property_rows import PropertyEffect, PropertyRow

VM = "Microsoft.Compute/virtualMachines"
EXTENSION = "Microsoft.Compute/virtualMachines/extensions"
DISK = "Microsoft.Compute/disks"
SET = "Microsoft.Compute/availabilitySets"
BUNDLE = "Compleat/bundles"
DEPLOYMENT = "Compleat/deployments"
ENVIRONMENT = "Compleat/environments"

_AS_FILE = "as in an environment file"
_OF_ENVIRONMENT: tuple[tuple[str, str], ...] = (
    ("cloud", "the plugin"),
    ("properties.*", "the plugin's own properties, with those that say where it is"),
    ("cloud_config.*", "the cloud config itself, or a file beside the template"),
    ("ends", "when it ends by itself: a span, or a moment"),
    ("clouds[].*", "several clouds, each with `name`, `plugin` and `properties`"),
    *((key, "a file beside the template") for key in ("cpi_config", "runtime_configs[]")),
    *((key, _AS_FILE) for key in ("networks.*", "public_names[]", "tags.*", "variables.*", "stemcells.*", "landing.*")),
    *((key, _AS_FILE) for key in ("release_sources[]", "jumpbox.*", "ssh_keys[]", "bpm", "dns_domain")),
    ("preflight_limit_s", _AS_FILE),
)
"""Keys of director.model.written.environment_file."""

_IF_PLAIN = "no secret, which belongs into `variables` of a Compleat/deployments resource"

TABLE: tuple[PropertyRow, ...] = (
    *network_properties.ROWS,
    *property_rows.rows(
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
        ("properties.osProfile.linuxConfiguration.provisionVMAgent", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.osProfile.linuxConfiguration.patchSettings.*", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.osProfile.windowsConfiguration.*", PropertyEffect.REFUSED, "VMs run Linux"),
        ("properties.storageProfile.imageReference.publisher", PropertyEffect.ACTED, "Canonical, or Debian"),
        (
            "properties.storageProfile.imageReference.offer",
            PropertyEffect.ACTED,
            "with publisher and sku: the stemcell",
        ),
        ("properties.storageProfile.imageReference.sku", PropertyEffect.ACTED, "the release in it: 22_04, 24_04"),
        ("properties.storageProfile.imageReference.version", PropertyEffect.ACTED, "the newest"),
        (
            "properties.storageProfile.imageReference.id",
            PropertyEffect.ACTED,
            "an image of the template, or one that the cloud has",
        ),
        ("properties.storageProfile.osDisk.name", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.storageProfile.osDisk.caching", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.storageProfile.osDisk.deleteOption", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.storageProfile.osDisk.managedDisk.storageAccountType", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.storageProfile.osDisk.diskSizeGB", PropertyEffect.REFUSED, "add a data disk"),
        ("properties.storageProfile.dataDisks[].lun", PropertyEffect.ACTED, "the order of the disks"),
        ("properties.storageProfile.dataDisks[].name", PropertyEffect.ACTED, "a persistent disk with that name"),
        ("properties.storageProfile.dataDisks[].diskSizeGB", PropertyEffect.ACTED, "its disk type"),
        ("properties.storageProfile.dataDisks[].createOption", PropertyEffect.ACTED, "Empty, or Attach with an id"),
        ("properties.storageProfile.dataDisks[].managedDisk.id", PropertyEffect.ACTED, "a disk of the template"),
        (
            "properties.storageProfile.dataDisks[].managedDisk.storageAccountType",
            PropertyEffect.REMARK,
            property_rows.HINT,
        ),
        ("properties.storageProfile.dataDisks[].caching", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.storageProfile.dataDisks[].deleteOption", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.networkProfile.networkInterfaces[].id", PropertyEffect.ACTED, "interfaces of the template"),
        ("properties.networkProfile.networkInterfaces[].properties.primary", PropertyEffect.ACTED, "has the gateway"),
        (
            "properties.networkProfile.networkInterfaces[].properties.deleteOption",
            PropertyEffect.REMARK,
            property_rows.HINT,
        ),
        ("properties.diagnosticsProfile.*", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.securityProfile.*", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.availabilitySet.id", PropertyEffect.REMARK, "write `zones`"),
    ),
    property_rows.only(VM, "properties.osProfile.linuxConfiguration.disablePasswordAuthentication", True),
    property_rows.only(VM, "properties.storageProfile.osDisk.createOption", "FromImage"),
    property_rows.only(VM, "properties.storageProfile.osDisk.osType", "Linux"),
    property_rows.only(VM, "properties.priority", "Regular"),
    *property_rows.rows(
        EXTENSION,
        property_rows.TAGS,
        ("properties.publisher", PropertyEffect.ACTED, "with type: which extension it is"),
        ("properties.type", PropertyEffect.ACTED, "CustomScript; those of monitoring and attestation are a remark"),
        ("properties.typeHandlerVersion", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.autoUpgradeMinorVersion", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.enableAutomaticUpgrade", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.settings.commandToExecute", PropertyEffect.ACTED, "run once as root, by a shell"),
        ("properties.settings.script", PropertyEffect.ACTED, "a script in base64: run once as root"),
        ("properties.settings.skipDos2Unix", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.settings.timestamp", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.settings.fileUris[]", PropertyEffect.REFUSED, "write what the files do into the script"),
        ("properties.protectedSettings.commandToExecute", PropertyEffect.ACTED, f"the same, if it has {_IF_PLAIN}"),
        ("properties.protectedSettings.script", PropertyEffect.ACTED, f"the same, if it has {_IF_PLAIN}"),
        ("properties.protectedSettings.fileUris[]", PropertyEffect.REFUSED, "write what the files do into the script"),
        *(
            (f"properties.protectedSettings.{name}", PropertyEffect.REFUSED, "nothing is downloaded")
            for name in ("storageAccountName", "storageAccountKey", "managedIdentity.*")
        ),
    ),
    *property_rows.rows(
        DISK,
        property_rows.TAGS,
        ("sku.*", PropertyEffect.REMARK, property_rows.HINT),
        ("zones[]", PropertyEffect.REMARK, "it is where its VM is"),
        ("properties.diskSizeGB", PropertyEffect.ACTED, "the disk type of a VM's persistent disk"),
    ),
    property_rows.only(DISK, "properties.creationData.createOption", "Empty"),
    *property_rows.rows(
        SET,
        property_rows.TAGS,
        ("sku.*", PropertyEffect.REMARK, property_rows.HINT),
        ("properties.*", PropertyEffect.REMARK, "VMs are spread by `zones`"),
    ),
    *storage_properties.ROWS,
    *image_properties.ROWS,
    *property_rows.rows(
        BUNDLE,
        (
            "properties.bundle",
            PropertyEffect.ACTED,
            "a bundle that ships, or a folder beside the template; else the name",
        ),
        ("properties.variables.*", PropertyEffect.ACTED, "variables of its deployments; secure ones go to the vault"),
    ),
    *property_rows.rows(
        DEPLOYMENT,
        ("properties.manifest.*", PropertyEffect.ACTED, "the manifest itself, or a file beside the template"),
        ("properties.ops[]", PropertyEffect.ACTED, "ops files beside the template"),
        ("properties.variables.*", PropertyEffect.ACTED, "variables; secure ones go to the vault"),
    ),
    *(PropertyRow(type=ENVIRONMENT, path=f"properties.{key}", words=words) for key, words in _OF_ENVIRONMENT),
    PropertyRow(
        type=ENVIRONMENT, path="tags.*", effect=PropertyEffect.REFUSED, words="its `tags` are in its properties"
    ),
)
ELSEWHERE: Mapping[str, str] = storage_properties.ELSEWHERE
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
