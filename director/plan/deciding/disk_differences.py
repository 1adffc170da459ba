"""Which named disks of an instance are not as the manifest has them, and which of two disks is in use. Pure.

Takes a record and its group, gives names.
"""

from collections.abc import Iterator

from director.model.environments.desired import DiskSpec, Group
from director.model.environments.state import DiskRecord, InstanceRecord


def is_as_wanted(disk: DiskRecord, wanted: DiskSpec | None) -> bool:
    """Whether a disk has the wanted size and properties."""
    return wanted is not None and (disk.size_mib, disk.cloud_properties) == (wanted.size_mib, wanted.cloud_properties)


def is_migrated(record: InstanceRecord) -> bool:
    """Whether the new disk has replaced the old one, on the VM where the content moved."""
    return bool(record.disk and record.old_disk and record.disk.is_mounted and not record.old_disk.is_mounted)


def inactive_disk(record: InstanceRecord) -> DiskRecord | None:
    """While content moves from one disk to another: the new disk until all is there, then the old one."""
    if record.old_disk is None or record.disk is None:
        return None
    return record.old_disk if is_migrated(record) else record.disk


def unwanted(record: InstanceRecord, group: Group) -> tuple[str, ...]:
    """Those that the manifest no longer has."""
    return tuple(name for name in record.named_disks if name not in group.named_disks)


def missing(record: InstanceRecord, group: Group) -> tuple[str, ...]:
    """Those to create: new ones, and ones in the place of a disk of another size or with other properties."""
    return tuple(
        name
        for name, wanted in group.named_disks.items()
        if name not in record.named_disks or not is_as_wanted(record.named_disks[name], wanted)
    )


def are_changed(record: InstanceRecord, group: Group) -> bool:
    """Whether the manifest has other disks than the instance."""
    return bool(unwanted(record, group) or missing(record, group))


def kept(record: InstanceRecord, group: Group) -> tuple[DiskRecord, ...]:
    """Those that stay as they are."""
    gone = {*unwanted(record, group), *missing(record, group)}
    return tuple(disk for name, disk in record.named_disks.items() if name not in gone)


def differences(record: InstanceRecord, group: Group) -> Iterator[str]:
    """Why they have to change, a reason each."""
    for name in unwanted(record, group):
        yield f"persistent disk '{name}' no longer in the manifest"
    for name in missing(record, group):
        if name not in record.named_disks:
            yield f"persistent disk '{name}' added"
            continue
        disk, wanted = record.named_disks[name], group.named_disks[name]
        what = f"from {disk.size_mib} to {wanted.size_mib} MiB" if disk.size_mib != wanted.size_mib else "changed"
        yield f"persistent disk '{name}' {what}: an empty disk replaces it"
    for name, disk in record.named_disks.items():
        if name in group.named_disks and is_as_wanted(disk, group.named_disks[name]):
            if name in record.old_named_disks:
                yield f"the former persistent disk '{name}' is still there"
            elif not (disk.hint and disk.is_mounted):
                yield f"persistent disk '{name}' is not attached"
