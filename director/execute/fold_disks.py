"""What became of an instance's disks, folded into its record. Pure.

Takes a record, an action on a disk and its outcome, gives the new record.
"""

from dataclasses import replace

from cpi.values import DiskCid
from director.model import work as works
from director.model.entries import Outcome
from director.model.plan import Action
from director.model.state import DiskRecord, InstanceRecord


def fold_disk(record: InstanceRecord, action: Action, outcome: Outcome) -> InstanceRecord:
    """Fold an outcome that names its disk by CID; a disk the record no longer has changes nothing."""
    cid = DiskCid(str(outcome.facts["cid"]))
    match action.work:
        case works.CreateDisk() as create:
            return _with_new(record, action, create=create, cid=cid)
        case works.AttachDisk():
            return _update(record, cid, hint=str(outcome.facts.get("hint", "")))
        case works.DetachDisk():
            return _update(record, cid, hint="", is_mounted=False)
        case works.ResizeDisk(size_mib=size_mib):
            return _update(record, cid, size_mib=size_mib)
        case works.MountDisk():
            return _update(record, cid, is_mounted=True)
        case works.UnmountDisk():
            return _update(record, cid, is_mounted=False)
        case works.MigrateDisk():
            left = _update(record, DiskCid(str(outcome.facts.get("from_cid", ""))), is_mounted=False)
            return _update(left, cid, is_mounted=True)
        case works.OrphanDisk():
            return _without(record, cid)
        case _:
            return record


def _with_new(record: InstanceRecord, action: Action, *, create: works.CreateDisk, cid: DiskCid) -> InstanceRecord:
    if record.disk and record.disk.cid == cid:
        return record
    disk = DiskRecord(
        cid=cid,
        action=action.id,
        size_mib=create.request.size_mib,
        cloud=create.cloud,
        cloud_properties=create.request.cloud_properties,
    )
    return replace(record, disk=disk, old_disk=record.disk or record.old_disk)


def _update(
    record: InstanceRecord,
    cid: DiskCid,
    *,
    hint: str | None = None,
    is_mounted: bool | None = None,
    size_mib: int | None = None,
) -> InstanceRecord:
    def changed(disk: DiskRecord | None) -> DiskRecord | None:
        if disk is None or disk.cid != cid:
            return disk
        return replace(
            disk,
            hint=disk.hint if hint is None else hint,
            is_mounted=disk.is_mounted if is_mounted is None else is_mounted,
            size_mib=disk.size_mib if size_mib is None else size_mib,
        )

    return replace(record, disk=changed(record.disk), old_disk=changed(record.old_disk))


def _without(record: InstanceRecord, cid: DiskCid) -> InstanceRecord:
    def kept(disk: DiskRecord | None) -> DiskRecord | None:
        return disk if disk and disk.cid != cid else None

    return replace(record, disk=kept(record.disk), old_disk=kept(record.old_disk))
