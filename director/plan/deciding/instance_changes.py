"""What becomes of each instance that a plan touches, for people.

Takes actions and what they were planned from, gives a value for each instance, in the order of its first action.
Post-deploy scripts run on all instances once anything changed; an instance that has nothing else does not change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from director.actions.apply import Apply
from director.actions.await_running import AwaitRunning
from director.actions.create_disk import CreateDisk
from director.actions.create_vm import CreateVm
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_vm import DeleteVm
from director.actions.drain import Drain
from director.actions.finish_instance import FinishInstance
from director.actions.forget_instance import ForgetInstance
from director.actions.migrate_disk import MigrateDisk
from director.actions.orphan_disk import OrphanDisk
from director.actions.run_script import RunScript
from director.actions.start import Start
from director.actions.stop import Stop
from director.model.environments.desired import Desired, Group
from director.model.environments.state import DiskRecord, InstanceRecord
from director.model.ids import InstanceId
from director.model.releases.release import RELOAD_SCRIPT
from director.model.tasks.plan import Action, Becomes, InstanceChange, LostDisk
from director.model.tasks.work import Work

_RESTARTING = frozenset({RunScript, Drain, Stop, Apply, Start, AwaitRunning, FinishInstance})
"""The kinds of actions that make a restart."""


def instance_changes(
    actions: Iterable[Action],
    *,
    known: Sequence[InstanceRecord],
    planned: Sequence[InstanceRecord] = (),
    desired: Desired | None = None,
    canaries: frozenset[InstanceId] = frozenset(),
) -> tuple[InstanceChange, ...]:
    """`known` are the records before the run, `planned` those that the plan writes down; without `desired` all goes."""
    before = {record.id: record for record in known}
    # By the subject: what is done to a disk that an instance no longer has names the disk alone.
    records = {record.name: record for record in (*known, *planned)}
    groups = {group.name: group for group in desired.groups} if desired else {}
    found: dict[str, list[Action]] = {}
    for action in actions:
        if action.subject in records and not _is_post_deploy(action.work):
            found.setdefault(action.subject, []).append(action)
    changes = (
        _change(record, before.get(record.id), found[record.name], group=groups.get(record.group))
        for record in (records[name] for name in found)
    )
    return tuple(replace(change, is_canary=records[change.name].id in canaries) for change in changes)


def _change(
    record: InstanceRecord, before: InstanceRecord | None, actions: Sequence[Action], *, group: Group | None
) -> InstanceChange:
    works = [action.work for action in actions]
    becomes = _becomes(works, before)
    is_there = becomes is not Becomes.DELETED and group is not None
    created = next((work for work in works if isinstance(work, CreateVm)), None)
    vm = before.vm if before else None
    networks = created.request.networks if created else vm.networks if vm else ()
    return InstanceChange(
        name=record.name,
        group=str(record.group),
        becomes=becomes,
        az=record.az,
        size=group.size if group and is_there else "",
        addresses=tuple(dict.fromkeys(net.ip for net in networks if net.ip)),
        disk_mib=_disk_mib(works, before, group if is_there else None),
        lost_disks=tuple(_lost_disks(works, before)) if before else (),
        reasons=tuple(
            dict.fromkeys((*_former_name(record, before), *(each.reason for each in actions if each.reason)))
        ),
    )


def _is_post_deploy(work: Work) -> bool:
    return isinstance(work, RunScript) and work.is_post_deploy


def _former_name(record: InstanceRecord, before: InstanceRecord | None) -> Iterable[str]:
    if before is None or before.name == record.name:
        return ()
    return (f"its group was {before.group}" if before.index == record.index else f"it was {before.name}",)


def _becomes(works: Sequence[Work], before: InstanceRecord | None) -> Becomes:
    kinds = {type(work) for work in works}
    if CreateVm in kinds:
        is_known = before is not None and (before.vm is not None or before.applied is not None)
        return Becomes.RECREATED if is_known or DeleteVm in kinds else Becomes.NEW
    if ForgetInstance in kinds:
        return Becomes.DELETED
    if DeleteVm in kinds:
        return Becomes.DETACHED
    if Stop in kinds and Start not in kinds:
        return Becomes.STOPPED
    if any(isinstance(work, RunScript) and work.script == RELOAD_SCRIPT for work in works):
        return Becomes.RELOADED
    if Start in kinds and kinds <= _RESTARTING and _is_same(works, before):
        return Becomes.RESTARTED if Stop in kinds else Becomes.STARTED
    return Becomes.UPDATED


def _is_same(works: Sequence[Work], before: InstanceRecord | None) -> bool:
    """Whether the instance runs after it what it ran before."""
    applied = [work.applied for work in works if isinstance(work, Apply)]
    return before is not None and not before.is_dirty and applied == [before.applied]


def _disk_mib(works: Sequence[Work], before: InstanceRecord | None, group: Group | None) -> int:
    """What the group wants; of an instance that goes, what it has."""
    if group is not None:
        wanted = (*((group.disk,) if group.disk else ()), *group.named_disks.values())
        return sum(disk.size_mib for disk in wanted)
    created = sum(work.request.size_mib for work in works if isinstance(work, CreateDisk))
    return created or sum(disk.size_mib for disk in (before.disks if before else ()))


def _lost_disks(works: Sequence[Work], before: InstanceRecord) -> Iterable[LostDisk]:
    deleted = {work.cid for work in works if isinstance(work, DeleteDisk)}
    is_migrated = any(isinstance(work, MigrateDisk) for work in works)
    for work in works:
        if not isinstance(work, OrphanDisk):
            continue
        disk = before.disk_called(work.disk, is_old=work.is_old) or before.disk_called(work.disk)
        if disk is not None:
            yield _lost_disk(work, disk, is_deleted=disk.cid in deleted, is_copied=is_migrated and not work.disk)


def _lost_disk(work: OrphanDisk, disk: DiskRecord, *, is_deleted: bool, is_copied: bool) -> LostDisk:
    return LostDisk(size_mib=disk.size_mib, name=work.disk, is_deleted=is_deleted, is_copied=is_copied and work.is_old)
