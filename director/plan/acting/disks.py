"""An instance's persistent disk on the store: made, attached, grown, moved to another, let go.

Takes targets, adds actions to a line. Source: cloudfoundry/bosh disk_manager.rb.
"""

from dataclasses import replace

from cpi.contract.values import DiskRequest, VmRequest
from director.actions.attach_disk import AttachDisk
from director.actions.create_disk import CreateDisk
from director.actions.detach_disk import DetachDisk
from director.actions.migrate_disk import MigrateDisk
from director.actions.mount_disk import MountDisk
from director.actions.orphan_disk import OrphanDisk
from director.actions.resize_disk import ResizeDisk
from director.actions.unmount_disk import UnmountDisk
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import DiskSpec
from director.model.environments.state import DiskRecord, InstanceRecord
from director.model.ids import ActionId
from director.plan.action_factory import Line
from director.plan.deciding import disk_differences
from director.plan.deciding.targets import Target


def with_disks(request: VmRequest, target: Target) -> VmRequest:
    """The request with the disks the VM will get, so that the cloud puts it near."""
    own = (target.record.disk,) if target.record.disk else ()
    kept = (*own, *disk_differences.kept(target))
    return replace(request, disk_cids=tuple(disk.cid for disk in kept))


def bring_up(line: Line, target: Target, *, created: ActionId, agent: ActionId) -> None:
    """Give a new VM its disk: the one there is, then a change if another is wanted; or a first one."""
    record, wanted, cloud = target.record, target.group.disk, target.machine.cloud
    if record.disk is None:
        if wanted:
            line.last = (created,)
            _create(line, target, "")
            line.last = (*line.last, agent)
            _attach(line, record, cloud=cloud)
        return
    line.last = (agent,)
    if record.old_disk:
        _migrate_again(line, record, cloud=cloud)
    else:
        _attach(line, record, cloud=cloud)
    if not disk_differences.is_store_as_wanted(target):
        _replace(line, target)


def arrange(line: Line, target: Target, *, can_resize: bool) -> None:
    """Bring the disk of a VM whose jobs are stopped to what is wanted."""
    record, wanted, cloud = target.record, target.group.disk, target.machine.cloud
    disk = record.disk
    if disk is None:
        if wanted:
            _create(line, target, "")
            _attach(line, record, cloud=cloud)
        return
    if record.old_disk and disk_differences.is_migrated(record):
        _drop_old(line, record, cloud=cloud, detail="old-again")
    elif record.old_disk:
        _migrate_again(line, record, cloud=cloud)
    elif not is_in_place(disk):
        _attach(line, record, cloud=cloud)
    if disk_differences.is_store_as_wanted(target):
        return
    if wanted and can_resize and is_only_grown(disk, wanted) and "" not in target.renewed_disks:
        _resize(line, target, wanted)
    else:
        _replace(line, target)


def take_down(line: Line, record: InstanceRecord) -> None:
    """Unmount and detach, so that the VM can go."""
    cloud = record.vm.cloud if record.vm else ONLY_CLOUD
    if record.old_disk:
        line.add(UnmountDisk(instance=record.id, is_old=True), detail="down-old")
        line.add(DetachDisk(cloud=cloud, instance=record.id, is_old=True), detail="down-old")
    if record.disk:
        line.add(UnmountDisk(instance=record.id), detail="down")
        line.add(DetachDisk(cloud=cloud, instance=record.id), detail="down")


def is_in_place(disk: DiskRecord) -> bool:
    """Whether a disk is attached and mounted."""
    return bool(disk.hint) and disk.is_mounted


def is_only_grown(disk: DiskRecord, wanted: DiskSpec) -> bool:
    """Whether nothing is asked but more room."""
    return disk.cloud_properties == wanted.cloud_properties and disk.size_mib < wanted.size_mib


def disk_request(line: Line, target: Target, wanted: DiskSpec, *, detail: str) -> DiskRequest:
    """What is asked of the cloud by the action to create a disk that has this detail."""
    return DiskRequest(
        owner=line.factory.owner_of(line.factory.id_of("create_disk", line.about.subject, detail)),
        size_mib=wanted.size_mib,
        cloud_properties=wanted.cloud_properties,
        tags=target.machine.tags,
    )


def _replace(line: Line, target: Target) -> None:
    record, cloud = target.record, target.machine.cloud
    if target.group.disk is None:
        line.add(UnmountDisk(instance=record.id), detail="unwanted")
        line.add(DetachDisk(cloud=cloud, instance=record.id), detail="unwanted")
        line.add(OrphanDisk(cloud=cloud, instance=record.id), detail="unwanted")
        return
    _create(line, target, "new")
    _attach(line, record, cloud=cloud, detail="new")
    line.add(MigrateDisk(instance=record.id))
    _drop_old(line, record, cloud=cloud, detail="old")


def _resize(line: Line, target: Target, wanted: DiskSpec) -> None:
    record, cloud = target.record, target.machine.cloud
    line.add(UnmountDisk(instance=record.id), detail="resize")
    line.add(DetachDisk(cloud=cloud, instance=record.id), detail="resize")
    line.add(ResizeDisk(cloud=cloud, instance=record.id, size_mib=wanted.size_mib))
    _attach(line, record, cloud=cloud, detail="resized")


def _create(line: Line, target: Target, detail: str) -> None:
    wanted = target.group.disk
    if wanted is None:
        return
    request = disk_request(line, target, wanted, detail=detail)
    line.add(CreateDisk(cloud=target.machine.cloud, instance=target.record.id, request=request), detail=detail)


def _attach(line: Line, record: InstanceRecord, *, cloud: str, detail: str = "") -> None:
    line.add(AttachDisk(cloud=cloud, instance=record.id), detail=detail)
    line.add(MountDisk(instance=record.id), detail=detail)


def _migrate_again(line: Line, record: InstanceRecord, *, cloud: str) -> None:
    """Move the content once more: jobs never run before the old disk is let go, so it has all there is."""
    line.add(AttachDisk(cloud=cloud, instance=record.id, is_old=True), detail="old-again")
    line.add(MountDisk(instance=record.id, is_old=True), detail="old-again")
    _attach(line, record, cloud=cloud, detail="again")
    line.add(MigrateDisk(instance=record.id), detail="again")
    _drop_old(line, record, cloud=cloud, detail="old-again")


def _drop_old(line: Line, record: InstanceRecord, *, cloud: str, detail: str) -> None:
    line.add(UnmountDisk(instance=record.id, is_old=True), detail=detail)
    line.add(DetachDisk(cloud=cloud, instance=record.id, is_old=True), detail=detail)
    line.add(OrphanDisk(cloud=cloud, instance=record.id, is_old=True), detail=detail)
