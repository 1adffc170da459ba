"""Bodies of VMs, and what their answers say. Pure.

Takes requests and settings, gives JSON; takes JSON, gives values of cpi.contract.values.
"""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from cpi.clouds.azure.images.stemcells import ImageReference
from cpi.clouds.azure.wire import config, names, resource_tags
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, FoundVm, JsonValue, NetworkSettings, VmCid, VmCreated, VmRequest, VmState
from cpi.kit import agent_settings, judge, tags

Json = Mapping[str, Any]
_RUNNING = frozenset({"PowerState/running", "PowerState/starting"})
_STOPPED = frozenset({"PowerState/stopped", "PowerState/stopping", "PowerState/deallocated", "PowerState/deallocating"})
_PLACEMENTS = {"resource-disk": "ResourceDisk", "cache-disk": "CacheDisk"}
_COUNTS = ("platform_update_domain_count", "platform_fault_domain_count")
IMAGE_GIB = 30
"""As large as the marketplace's images are, and larger than those of BOSH's stemcells."""
_MOST_CUSTOM_BYTES = 64 << 10
_AGENT_DISKS: Mapping[str, JsonValue] = {"system": "/dev/sda"}
"""A second disk for the agent is not made: its data are on the root disk."""


def read_properties(request: VmRequest, settings: config.AzureConfig) -> config.VmProperties:
    """The VM's cloud properties, checked. Raises NotSupportedError, code property-not-supported."""
    where = f"VM '{request.name}'"
    judge.require_host_name(request.name)
    found = config.read_properties(config.VmProperties, request.cloud_properties, where=where)
    _check_sets(found, where)
    if found.resource_group_name not in (None, "", settings.resource_group_name):
        raise judge.not_supported(
            "resource_group_name",
            where,
            why="An environment is in one resource group, so that `compleat down` finds all of it.",
            fix="Remove it, or make an environment whose resource_group_name is that group.",
        )
    return found


def size_of(found: config.VmProperties, settings: config.AzureConfig) -> str:
    """The VM's size; the environment's default where none is named."""
    return found.instance_type or next(iter(found.instance_types), settings.default_vm_size)


def zones_of(found: config.VmProperties) -> list[str]:
    """Its zone as Azure takes it; none is []."""
    return [found.availability_zone] if found.availability_zone else []


def system_disk_type(found: config.VmProperties) -> str:
    """The type of the disk that it starts from: the ephemeral disk is a part of it, and the data are there."""
    written = (found.ephemeral_disk and found.ephemeral_disk.type) or (found.root_disk and found.root_disk.type)
    return written or found.storage_account_type or "StandardSSD_LRS"


def system_disk_caching(found: config.VmProperties) -> str:
    """How the host caches that disk."""
    if is_on_host(found):
        return "ReadOnly"
    return (found.ephemeral_disk and found.ephemeral_disk.caching) or found.caching


def is_on_host(found: config.VmProperties) -> bool:
    """Whether the disk that it starts from is on its host (an ephemeral OS disk)."""
    return found.root_disk is not None and found.root_disk.placement != "remote"


def encryption_set(found: config.VmProperties) -> str:
    """The disk encryption set of that disk; "" without one."""
    disks = (found.root_disk, found.ephemeral_disk)
    return next((disk.disk_encryption_set_name for disk in disks if disk and disk.disk_encryption_set_name), "")


def identity_of(found: config.VmProperties, settings: config.AzureConfig) -> config.ManagedIdentityOfVm | None:
    """The managed identity that it has; None without one."""
    return found.managed_identity or settings.default_managed_identity


def reservation_id(found: config.VmProperties, places: ResourcePaths) -> str:
    """The capacity reservation group's id; "" without one."""
    written = found.capacity_reservation_group_id or ""
    if written or not found.capacity_reservation_group:
        return written
    return places.path(names.RESERVATION, found.capacity_reservation_group)


def system_disk_gib(found: config.VmProperties) -> int:
    """The size of that disk, with the ephemeral one in it; 0 is as large as the image."""
    root, ephemeral = found.root_disk or config.RootDisk(), found.ephemeral_disk or config.EphemeralDisk()
    own = -(-(root.size or 0) // 1024)
    return (own or IMAGE_GIB) - (-ephemeral.size // 1024) if ephemeral.size else own


def set_counts(found: config.VmProperties) -> config.AvailabilitySet:
    """Its availability set as it is to be made."""
    if isinstance(found.availability_set, config.AvailabilitySet):
        return found.availability_set
    counts = {name: getattr(found, name) for name in _COUNTS if getattr(found, name) is not None}
    return config.AvailabilitySet(name=found.availability_set or "", **counts)


def set_name(found: config.VmProperties) -> str:
    """Its availability set's name; "" without one."""
    written = found.availability_set
    return written.name if isinstance(written, config.AvailabilitySet) else written or ""


def tags_of(request: VmRequest, found: config.VmProperties) -> dict[str, str]:
    """The deployment's, over which the cloud properties' win as in BOSH's CPI, and the owner key."""
    return resource_tags.merge(
        names.tags_of(dict(request.tags)), names.tags_of(dict(found.tags)), tags.tags_of(request.owner)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureVmParts:
    """What a VM is made of beside its request: ids of interfaces in their order, an image, ids of what it joins."""

    nic_ids: Sequence[str]
    image: ImageReference
    set_id: str = ""


def render_vm(
    request: VmRequest, settings: config.AzureConfig, parts: AzureVmParts, *, places: ResourcePaths
) -> dict[str, Any]:
    """The body of a PUT."""
    found = read_properties(request, settings)
    nics = [_nic(nic, is_first=nic == parts.nic_ids[0]) for nic in parts.nic_ids]
    storage = {"imageReference": parts.image.body(), "osDisk": _os_disk(found, places), "dataDisks": []}
    joined = {"availabilitySet": parts.set_id, "capacityReservation": reservation_id(found, places)}
    properties: dict[str, Any] = {
        "hardwareProfile": {"vmSize": size_of(found, settings)},
        "storageProfile": storage,
        "osProfile": _os_profile(request),
        "networkProfile": {"networkInterfaces": nics},
        "diagnosticsProfile": {"bootDiagnostics": {"enabled": True}},
    }
    if joined["availabilitySet"]:
        properties["availabilitySet"] = {"id": joined["availabilitySet"]}
    if joined["capacityReservation"]:
        properties["capacityReservation"] = {"capacityReservationGroup": {"id": joined["capacityReservation"]}}
    body: dict[str, Any] = {
        "location": settings.location,
        "tags": tags_of(request, found),
        "properties": properties,
    }
    if zones_of(found):
        body["zones"] = zones_of(found)
    identity = identity_of(found, settings)
    if identity is not None:
        body["identity"] = _identity(identity, places)
    return body


def render_data_disks(vm: Json) -> list[dict[str, Any]]:
    """The VM's present data disks, as a PATCH must repeat them to keep them."""
    return [
        {
            "lun": disk["lun"],
            "createOption": "Attach",
            "caching": disk.get("caching", "None"),
            "deleteOption": "Detach",
            "managedDisk": {"id": disk["managedDisk"]["id"]},
        }
        for disk in _data_disks(vm)
    ]


def render_disks_patch(disks: Sequence[Json]) -> dict[str, Any]:
    """The PATCH that leaves a VM with exactly these data disks."""
    return {"properties": {"storageProfile": {"dataDisks": list(disks)}}}


def free_lun(disks: Sequence[Json]) -> int:
    """The lowest number that no disk has."""
    taken = {disk["lun"] for disk in disks}
    return next(lun for lun in range(len(taken) + 1) if lun not in taken)


def lun_of(vm: Json, disk: str) -> int | None:
    """Where a disk is attached, by its name; None: it is not."""
    return next((each["lun"] for each in _data_disks(vm) if _disk_name(each) == disk), None)


def hint(lun: int) -> str:
    """Where a VM with Azure's udev rules finds the disk."""
    return f"/dev/disk/azure/scsi1/lun{lun}"


def read_disks(vm: Json) -> tuple[DiskCid, ...]:
    """The CIDs of its data disks, by LUN."""
    return tuple(DiskCid(_disk_name(disk)) for disk in sorted(_data_disks(vm), key=lambda one: int(one["lun"])))


def read_nic_ids(vm: Json) -> tuple[str, ...]:
    """The ids of its interfaces, in order."""
    return tuple(nic["id"] for nic in vm["properties"].get("networkProfile", {}).get("networkInterfaces", []))


def read_state(vm: Json) -> VmState:
    """Running unless Azure says that it is stopped or failed to come up."""
    codes = {status.get("code") for status in vm["properties"].get("instanceView", {}).get("statuses", [])}
    if codes & _RUNNING:
        return VmState.RUNNING
    if codes & _STOPPED or names.has_failed(vm):
        return VmState.STOPPED
    return VmState.RUNNING


def read_found(vm: Json, networks: tuple[NetworkSettings, ...]) -> FoundVm | None:
    """As `find_vms` tells it; None: not ours."""
    owner = tags.read_owner(vm.get("tags") or {})
    if owner is None:
        return None
    return FoundVm(
        created=VmCreated(cid=VmCid(str(vm["name"])), networks=networks),
        owner=owner,
        state=read_state(vm),
        disk_cids=read_disks(vm),
        tags=tags.other_tags(vm.get("tags") or {}),
    )


def _check_sets(found: config.VmProperties, where: str) -> None:
    if found.availability_zone and found.availability_set:
        raise CloudError(
            "zone-and-availability-set",
            f"{where} has both an availability_zone and an availability_set.",
            why="Azure allows only one of them.",
            fix="Remove one of them from the cloud config.",
        )
    alone = [name for name in _COUNTS if getattr(found, name) is not None]
    if alone and not isinstance(found.availability_set, str):
        raise CloudError(
            "domains-without-availability-set",
            f"{where} has {' and '.join(alone)}, but no availability_set with a name.",
            why="They are counts of an availability set.",
            fix="Move them into availability_set, next to its name, or remove them.",
        )


def _os_disk(found: config.VmProperties, places: ResourcePaths) -> dict[str, Any]:
    disk: dict[str, Any] = {
        "createOption": "FromImage",
        "deleteOption": "Delete",
        "caching": system_disk_caching(found),
    }
    if is_on_host(found) and found.root_disk:
        disk["diffDiskSettings"] = {"option": "Local", "placement": _PLACEMENTS[found.root_disk.placement]}
    else:
        disk["managedDisk"] = {"storageAccountType": system_disk_type(found)}
    if encryption_set(found):
        path = places.path(names.ENCRYPTION_SET, encryption_set(found))
        disk.setdefault("managedDisk", {})["diskEncryptionSet"] = {"id": path}
    if system_disk_gib(found):
        disk["diskSizeGB"] = system_disk_gib(found)
    return disk


def _identity(identity: config.ManagedIdentityOfVm, places: ResourcePaths) -> dict[str, Any]:
    if identity.type == "SystemAssigned":
        return {"type": "SystemAssigned"}
    path = places.path(names.IDENTITY, identity.user_assigned_identity_name)
    return {"type": "UserAssigned", "userAssignedIdentities": {path: {}}}


def _os_profile(request: VmRequest) -> dict[str, Any]:
    settings = {**agent_settings.write_server(request), **agent_settings.write_settings(request, _AGENT_DISKS)}
    first_boot = agent_settings.write_user_data(request, settings).encode()
    if len(first_boot) > _MOST_CUSTOM_BYTES:
        raise CloudError("user-data-too-long", f"The first-boot data of '{request.name}' is too long.")
    if not request.ssh.public_key:
        raise CloudError(
            "login-missing",
            f"VM '{request.name}' has no login.",
            why="Azure creates no Linux VM without a public key, and neither the VM's env nor the CPI's file has one.",
            fix="Add an OpenSSH public key to the CPI's file, as login.public_key.",
        )
    user = request.ssh.user if request.ssh.user != "root" else "vcap"
    key = {"path": f"/home/{user}/.ssh/authorized_keys", "keyData": request.ssh.public_key.strip()}
    return {
        "computerName": request.name,
        "adminUsername": user,
        "customData": base64.b64encode(first_boot).decode(),
        "linuxConfiguration": {"disablePasswordAuthentication": True, "ssh": {"publicKeys": [key]}},
    }


def _nic(nic_id: str, *, is_first: bool) -> dict[str, Any]:
    return {"id": nic_id, "properties": {"primary": is_first, "deleteOption": "Delete"}}


def _data_disks(vm: Json) -> list[Json]:
    found: list[Json] = vm["properties"].get("storageProfile", {}).get("dataDisks", [])
    return found


def _disk_name(disk: Json) -> str:
    return names.last(str(disk.get("managedDisk", {}).get("id") or disk.get("name", "")))
