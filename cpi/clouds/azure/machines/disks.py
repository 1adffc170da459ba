"""Bodies of disks and snapshots, and what their answers say. Pure.

Takes requests, gives JSON; takes JSON, gives values. Azure counts in GiB, so a size is rounded up.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.azure.wire import config, names, resource_tags
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.values import DiskCid, DiskRequest, FoundDisk, FoundSnapshot, OwnerKey, SnapshotCid, VmCid
from cpi.kit import judge, tags
from cpi.kit.judge import Volume, VolumeRule, VolumeTypes

Json = Mapping[str, Any]
_LARGEST_GIB = 32767
_CACHING = "compleat-caching"
_ADJUSTABLE = VolumeRule(iops=(1, 1_000_000), throughput=(1, 1_000_000))
"""Of the types whose IOPS and MB/s can be chosen; how many, Azure judges by the size."""


def size_gib(size_mib: int) -> int:
    """Rounded up. Raises CloudError, code disk-size-invalid, for what no disk may have."""
    return judge.whole_gib(size_mib, cloud="Azure", most_gib=_LARGEST_GIB)


def rule_of(kind: str) -> VolumeRule:
    """What a type lets one choose."""
    return _ADJUSTABLE if kind == "PremiumV2_LRS" else VolumeRule()


def read_properties(written: Mapping[str, Any], *, where: str) -> config.DiskProperties:
    """A disk's cloud properties, checked. Raises NotSupportedError, code property-not-supported."""
    found = config.read_properties(config.DiskProperties, written, where=where)
    if found.storage_account_type == "UltraSSD_LRS":
        raise judge.not_supported("storage_account_type: UltraSSD_LRS", where)
    volume = Volume(type=found.storage_account_type, gib=0, iops=found.iops, throughput=found.mbps)
    judge.require(
        judge.volumes([volume], VolumeTypes(where="Azure", rules={volume.type: rule_of(volume.type)}, setting=""))
    )
    return found


def render_disk(request: DiskRequest, places: ResourcePaths, *, zones: list[str] | None) -> dict[str, Any]:
    """The body of a PUT; `zones` are those of the VM that it is for, None: it is for none."""
    found = read_properties(request.cloud_properties, where="a disk")
    written = [found.availability_zone] if found.availability_zone else []
    wanted_zones = written if zones is None else zones
    properties: dict[str, Any] = {
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": size_gib(request.size_mib),
    }
    if found.iops:
        properties["diskIOPSReadWrite"] = found.iops
    if found.mbps:
        properties["diskMBpsReadWrite"] = found.mbps
    if found.disk_encryption_set_name:
        properties["encryption"] = {
            "type": "EncryptionAtRestWithCustomerKey",
            "diskEncryptionSetId": places.path(names.ENCRYPTION_SET, found.disk_encryption_set_name),
        }
    body: dict[str, Any] = {
        "location": places.location,
        "tags": resource_tags.merge(names.tags_of(dict(request.tags)), _kept(found), tags.tags_of(request.owner)),
        "sku": {"name": found.storage_account_type},
        "properties": properties,
    }
    if wanted_zones:
        body["zones"] = wanted_zones
    return body


def render_snapshot(disk: Json, owner: OwnerKey, more: Mapping[str, str]) -> dict[str, Any]:
    """An incremental copy of a disk as it is now."""
    return {
        "location": disk["location"],
        "tags": resource_tags.merge(names.tags_of(dict(more)), tags.tags_of(owner)),
        "properties": {
            "creationData": {"createOption": "Copy", "sourceResourceId": disk["id"]},
            "incremental": True,
        },
    }


def render_attachment(disk: Json, lun: int) -> dict[str, Any]:
    """A disk as an entry of a VM's data disks; it outlives the VM."""
    return {
        "lun": lun,
        "createOption": "Attach",
        "caching": (disk.get("tags") or {}).get(_CACHING, "None"),
        "deleteOption": "Detach",
        "managedDisk": {"id": disk["id"]},
    }


def _kept(found: config.DiskProperties) -> dict[str, str]:
    """Attaching it names how the host caches it, so the disk keeps that."""
    return {_CACHING: found.caching} if found.caching != "None" else {}


def read_size_mib(disk: Json) -> int:
    """Its size."""
    return int(disk["properties"]["diskSizeGB"]) * 1024


def read_vm(disk: Json) -> VmCid | None:
    """Who has it."""
    return VmCid(names.last(str(disk["managedBy"]))) if disk.get("managedBy") else None


def is_persistent(disk: Json) -> bool:
    """Whether it is a requested disk: neither a VM's own, which has the VM's tags, nor a stemcell's."""
    return disk["properties"].get("creationData", {}).get("createOption") not in ("FromImage", "Upload")


def read_found(disk: Json) -> FoundDisk | None:
    """As `find_disks` tells it; None: not ours, a VM's own, or a stemcell's."""
    owner = tags.read_owner(disk.get("tags") or {})
    if owner is None or not is_persistent(disk):
        return None
    return FoundDisk(
        cid=DiskCid(str(disk["name"])),
        owner=owner,
        size_mib=read_size_mib(disk),
        vm_cid=read_vm(disk),
        tags={name: value for name, value in tags.other_tags(disk.get("tags") or {}).items() if name != _CACHING},
    )


def read_snapshot(snapshot: Json) -> FoundSnapshot | None:
    """As `find_snapshots` tells it; None: not ours."""
    owner = tags.read_owner(snapshot.get("tags") or {})
    if owner is None:
        return None
    source = str(snapshot["properties"].get("creationData", {}).get("sourceResourceId", ""))
    return FoundSnapshot(
        cid=SnapshotCid(str(snapshot["name"])),
        owner=owner,
        disk_cid=DiskCid(names.last(source)),
        tags=tags.other_tags(snapshot.get("tags") or {}),
    )
