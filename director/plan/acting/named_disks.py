"""An instance's named disks, the entries of `persistent_disks`: made, attached, replaced, let go.

Takes targets, adds actions to a line. Jobs get the devices as they are: nothing is mounted, and a disk that is replaced
by one of another type or size leaves its content behind. Source: cloudfoundry/bosh disk_manager.rb (update_disk,
has_multiple_persistent_disks?).
"""

import hashlib
from dataclasses import replace

from director.actions.associate_disk import AssociateDisk
from director.actions.attach_disk import AttachDisk
from director.actions.create_disk import CreateDisk
from director.actions.delete_disk import DeleteDisk
from director.actions.detach_disk import DetachDisk
from director.actions.dissociate_disk import DissociateDisk
from director.actions.orphan_disk import OrphanDisk
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.observed import DISK_TAG
from director.model.environments.state import InstanceRecord
from director.model.ids import ActionId
from director.plan import action_factory
from director.plan.acting import disks
from director.plan.action_factory import Line
from director.plan.deciding import disk_differences
from director.plan.deciding.targets import Target


def bring_up(line: Line, target: Target, *, created: ActionId, agent: ActionId) -> None:
    """Give a new VM its named disks; those that it will not keep are orphaned without being attached."""
    record, wanted = target.record, target.group.named_disks
    if not (wanted or record.named_disks or record.old_named_disks):
        return
    line.last = (created,)
    for name in record.old_named_disks:
        _orphan(line, record, name, is_old=True)
    for name in disk_differences.unwanted(target):
        _orphan(line, record, name)
    missing = disk_differences.missing(target)
    for name in missing:
        _create(line, target, name)
    if wanted:
        line.last = (*line.last, agent)
    for name in wanted:
        _attach(line, target, name)
    for name in missing:
        if name in record.named_disks:
            _orphan(line, record, name, is_old=True, prefix="replaced")


def arrange(line: Line, target: Target) -> None:
    """Bring the named disks of a VM whose jobs are stopped to what is wanted."""
    record, cloud = target.record, target.machine.cloud
    for name in record.old_named_disks:
        _let_go(line, record, name, cloud=cloud, is_old=True)
    for name in disk_differences.unwanted(target):
        _let_go(line, record, name, cloud=cloud)
    missing = disk_differences.missing(target)
    for name in target.group.named_disks:
        if name in missing:
            _create(line, target, name)
        if name in missing and name in record.named_disks:
            line.add(DissociateDisk(instance=record.id, disk=name, is_old=True), detail=_detail("replaced", name))
            _attach(line, target, name)
            line.add(
                DetachDisk(cloud=cloud, instance=record.id, disk=name, is_old=True), detail=_detail("replaced", name)
            )
            _orphan(line, record, name, is_old=True, prefix="replaced")
        elif name in missing or not disks.is_in_place(record.named_disks[name]):
            _attach(line, target, name)


def take_down(line: Line, record: InstanceRecord) -> None:
    """Remove their names and detach them, so that the VM can go."""
    cloud = record.vm.cloud if record.vm else ONLY_CLOUD
    for name in record.old_named_disks:
        detach(line, DetachDisk(cloud=cloud, instance=record.id, disk=name, is_old=True), prefix="down-old")
    for name in record.named_disks:
        detach(line, DetachDisk(cloud=cloud, instance=record.id, disk=name), prefix="down")


def detach(line: Line, work: DetachDisk, *, prefix: str) -> None:
    """Remove the disk's name from the VM, then detach it."""
    detail = _detail(prefix, work.disk)
    line.add(DissociateDisk(instance=work.instance, disk=work.disk, is_old=work.is_old), detail=detail)
    line.add(work, detail=detail)


def remove(line: Line, record: InstanceRecord, *, is_deleting: bool) -> None:
    """Let go of all named disks of an instance whose VM is gone; `is_deleting` deletes them."""
    for name, disk in record.old_named_disks.items():
        _orphan(line, record, name, is_old=True)
        if is_deleting:
            line.add(DeleteDisk(cloud=disk.cloud, cid=disk.cid), detail=_detail("old", name))
    for name, disk in record.named_disks.items():
        _orphan(line, record, name)
        if is_deleting:
            line.add(DeleteDisk(cloud=disk.cloud, cid=disk.cid), detail=_detail("disk", name))


def _create(line: Line, target: Target, name: str) -> None:
    """Its tag holds its name, should the record be lost."""
    detail = _detail("disk", name)
    request = disks.disk_request(line, target, target.group.named_disks[name], detail=detail)
    request = replace(request, tags={**request.tags, DISK_TAG: name})
    work = CreateDisk(cloud=target.machine.cloud, instance=target.record.id, disk=name, request=request)
    line.add(work, detail=detail)


def _attach(line: Line, target: Target, name: str) -> None:
    detail = _detail("disk", name)
    line.add(AttachDisk(cloud=target.machine.cloud, instance=target.record.id, disk=name), detail=detail)
    line.add(AssociateDisk(instance=target.record.id, disk=name), detail=detail)


def _let_go(line: Line, record: InstanceRecord, name: str, *, cloud: str, is_old: bool = False) -> None:
    work = DetachDisk(cloud=cloud, instance=record.id, disk=name, is_old=is_old)
    detach(line, work, prefix="old" if is_old else "disk")
    _orphan(line, record, name, is_old=is_old)


def _orphan(line: Line, record: InstanceRecord, name: str, *, is_old: bool = False, prefix: str = "") -> None:
    """One that is replaced is not among the record's old ones yet; it is on the cloud where it is now."""
    disk = record.disk_called(name, is_old=is_old and not prefix)
    cloud = disk.cloud if disk else ONLY_CLOUD
    detail = _detail(prefix or ("old" if is_old else "disk"), name)
    line.add(OrphanDisk(cloud=cloud, instance=record.id, disk=name, is_old=is_old), detail=detail)


def _detail(prefix: str, name: str) -> str:
    """Different for each disk of an instance, whatever its name: ids of actions have few characters."""
    detail = f"{prefix}.{name}"
    slug = action_factory.slug(detail)
    return detail if slug == detail else f"{slug}.{hashlib.sha256(name.encode()).hexdigest()[:8]}"
