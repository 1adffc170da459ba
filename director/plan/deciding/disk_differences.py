"""Which disks of an instance are not as the manifest or a request has them, and which of two disks is in use. Pure.

Takes a target or a record, gives names.
"""

from collections.abc import Iterator

from director.model.environments.desired import DiskSpec
from director.model.environments.state import DiskRecord, InstanceRecord
from director.plan.deciding.targets import Target


def _fits(disk: DiskRecord, wanted: DiskSpec | None) -> bool:
    """Whether a disk has the wanted size and properties."""
    return wanted is not None and (disk.size_mib, disk.cloud_properties) == (wanted.size_mib, wanted.cloud_properties)


def is_store_as_wanted(target: Target) -> bool:
    """Whether the disk on the store has the wanted size and properties, and is not to be replaced all the same."""
    disk = target.record.disk
    return "" not in target.renewed_disks and disk is not None and _fits(disk, target.group.disk)


def is_migrated(record: InstanceRecord) -> bool:
    """Whether the new disk has replaced the old one, on the VM where the content moved."""
    return bool(record.disk and record.old_disk and record.disk.is_mounted and not record.old_disk.is_mounted)


def inactive_disk(record: InstanceRecord) -> DiskRecord | None:
    """While content moves from one disk to another: the new disk until all is there, then the old one."""
    if record.old_disk is None or record.disk is None:
        return None
    return record.old_disk if is_migrated(record) else record.disk


def unwanted(target: Target) -> tuple[str, ...]:
    """Those named ones that the manifest no longer has."""
    return tuple(name for name in target.record.named_disks if name not in target.group.named_disks)


def missing(target: Target) -> tuple[str, ...]:
    """Those named ones to create: new ones, and ones in the place of a disk that is not as it should be."""
    return tuple(name for name in target.group.named_disks if not _is_left(target, name))


def are_changed(target: Target) -> bool:
    """Whether the instance is to have other named disks than it has."""
    return bool(unwanted(target) or missing(target))


def kept(target: Target) -> tuple[DiskRecord, ...]:
    """Those named ones that stay as they are."""
    gone = {*unwanted(target), *missing(target)}
    return tuple(disk for name, disk in target.record.named_disks.items() if name not in gone)


def differences(target: Target) -> Iterator[str]:
    """Why named disks have to change, a reason each."""
    record = target.record
    for name in unwanted(target):
        yield f"persistent disk '{name}' no longer in the manifest"
    for name in missing(target):
        if name not in record.named_disks:
            yield f"persistent disk '{name}' added"
            continue
        yield f"persistent disk '{name}' {_difference(target, name)}: an empty disk replaces it"
    for name, disk in record.named_disks.items():
        if name in target.group.named_disks and _is_left(target, name):
            if name in record.old_named_disks:
                yield f"the former persistent disk '{name}' is still there"
            elif not (disk.hint and disk.is_mounted):
                yield f"persistent disk '{name}' is not attached"


def _is_left(target: Target, name: str) -> bool:
    disk = target.record.named_disks.get(name)
    if disk is None or name in target.renewed_disks:
        return False
    return _fits(disk, target.group.named_disks[name])


def _difference(target: Target, name: str) -> str:
    disk, wanted = target.record.named_disks[name], target.group.named_disks[name]
    if disk.size_mib != wanted.size_mib:
        return f"from {disk.size_mib} to {wanted.size_mib} MiB"
    return "changed" if disk.cloud_properties != wanted.cloud_properties else "to be recreated"
