"""What clouds have of instances that is newer than the state: a state that was restored from a backup.

Takes a world, a state and what clouds have, gives the records renewed. A resource is newer if the journal does not
know the run that created it: what a run of this journal left behind is a stray, as ever.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.values import DiskCid, FoundDisk, FoundVm, OwnerKey, VmCid, VmState
from director.errors import StateError
from director.model.environments.observed import DISK_TAG, NOT_ORPHANED, ORPHAN_TAG, Observed
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import EnvironmentName, RunId
from director.observe import adoption, machines
from director.ports.world import World

_NAMED_AT_MOST = 5


def newer_records(
    world: World, state: DeploymentState, *, vms: Sequence[FoundVm], disks: Sequence[FoundDisk]
) -> tuple[InstanceRecord, ...]:
    """Each instance of the state of which the cloud has a newer VM in the place of a missing one, or a newer disk.

    Of several VMs it is the one with disks: `adopt` refuses the others. Raises StateError, code `disks-ambiguous`.
    """
    held = _held(state)
    spare = adoption.by_instance(
        vm
        for vm in vms
        if vm.created.cid not in held and vm.state is not VmState.INCOMPLETE and is_newer(world, vm.owner)
    )
    loose = adoption.by_instance(
        disk for disk in disks if disk.cid not in held and not _is_orphan(disk) and is_newer(world, disk.owner)
    )
    there = {vm.created.cid: vm for vm in vms}
    known = {disk.cid: disk for disk in disks}
    renewed = (
        _with_disks(_with_vm(record, spare.get(record.id, ()), there), loose.get(record.id, ()), known)
        for record in state.instances
    )
    return tuple(after for before, after in zip(state.instances, renewed, strict=True) if after != before)


def is_newer(world: World, owner: OwnerKey) -> bool:
    """Whether a run that the journal does not know created it."""
    return world.journal.find_run(RunId(str(owner.action).partition("/")[0])) is None


def require_none(world: World, observed: Observed) -> None:
    """Refuse a state that is older than its cloud; one that is lost as a whole is rebuilt. Raises `state-older`."""
    if not observed.state.instances:
        return
    known = {record.id: record for record in observed.state.instances}
    newer = {disk.cid for disk in observed.disks if is_newer(world, disk.owner)} if observed.adopted else set()
    named = [
        _words(record, known.get(record.id))
        for record in observed.adopted
        if record.id in known or _is_of_newer_run(world, record, newer)
    ]
    if named:
        raise _older(f"deployment '{observed.state.deployment}'", named)


def require_known(
    world: World, environment: EnvironmentName, *, vms: Iterable[FoundVm], disks: Iterable[FoundDisk]
) -> None:
    """The same for all of an environment, before what seems unused is deleted. Raises `state-older`."""
    held = {cid for state in world.store.list_deployments(environment) for cid in _held(state)}
    named = [
        *(
            f"VM {vm.created.cid}"
            for vm in vms
            if vm.created.cid not in held and vm.state is not VmState.INCOMPLETE and is_newer(world, vm.owner)
        ),
        *(f"disk {disk.cid}" for disk in disks if disk.cid not in held and is_unrecorded(world, disk)),
    ]
    if named:
        more = f" and {len(named) - _NAMED_AT_MOST} more" if len(named) > _NAMED_AT_MOST else ""
        raise _older(f"environment '{environment}'", [f"{', '.join(named[:_NAMED_AT_MOST])}{more}"])


def is_unrecorded(world: World, disk: FoundDisk) -> bool:
    """Whether a disk that no record has may be in use: a later run created it, or gave it to an instance."""
    is_given = disk.tags.get(ORPHAN_TAG) == NOT_ORPHANED
    return not _is_orphan(disk) and (is_given or is_newer(world, disk.owner))


def _held(state: DeploymentState) -> set[str]:
    """The VMs and disks that its records name."""
    disks = {str(disk.cid) for record in state.instances for disk in record.disks}
    return {str(vm.cid) for vm in machines.vm_records(state)} | disks


def _older(whose: str, named: Sequence[str]) -> StateError:
    return StateError(
        "state-older",
        f"The state of {whose} is older than its cloud: {'; '.join(named)}.",
        why="Runs that the state does not know created them: it was restored from a backup, or another home "
        "changes this environment. Nothing was changed.",
        fix="Run `compleat adopt MANIFEST` with the manifest that was deployed last: it records what is there.",
    )


def _is_of_newer_run(world: World, record: InstanceRecord, newer: set[DiskCid]) -> bool:
    action = str(record.vm.action) if record.vm else ""
    is_newer_vm = bool(action) and world.journal.find_run(RunId(action.partition("/")[0])) is None
    return is_newer_vm or any(disk.cid in newer for disk in record.disks)


def _with_vm(record: InstanceRecord, spare: Sequence[FoundVm], there: Mapping[VmCid, FoundVm]) -> InstanceRecord:
    if not spare or (record.vm is not None and record.vm.cid in there):
        return record
    vm = adoption.vm_record(max(spare, key=lambda each: len(each.disk_cids)))
    return replace(record, vm=vm, addresses=vm.addresses, applied=None, is_dirty=True)


def _with_disks(
    record: InstanceRecord, loose: Sequence[FoundDisk], known: Mapping[DiskCid, FoundDisk]
) -> InstanceRecord:
    for disk in loose:
        name = disk.tags.get(DISK_TAG, "")
        same = [each for each in loose if each.tags.get(DISK_TAG, "") == name]
        current = record.disk_called(name)
        present = known.get(current.cid) if current else None
        is_replaced = present is None or _is_orphan(present)
        if len(same) > 1 or (not is_replaced and disk.vm_cid is not None):
            raise adoption.ambiguous_disks(record.name, [*([present] if present else []), *same])
        if is_replaced:
            record = _with_disk(record, adoption.disk_record(disk), name=name)
    return record


def _with_disk(record: InstanceRecord, disk: DiskRecord, *, name: str) -> InstanceRecord:
    if name:
        return replace(record, named_disks={**record.named_disks, name: disk})
    return replace(record, disk=disk)


def _is_orphan(disk: FoundDisk) -> bool:
    return disk.tags.get(ORPHAN_TAG, NOT_ORPHANED) != NOT_ORPHANED


def _words(record: InstanceRecord, before: InstanceRecord | None) -> str:
    """The instance and what of it the state does not have."""
    held = {str(disk.cid) for disk in before.disks} if before else set()
    held |= {str(before.vm.cid)} if before and before.vm else set()
    parts = [*_parts(record, held)]
    return f"{record.name} ({', '.join(parts)})"


def _parts(record: InstanceRecord, held: Iterable[str]) -> Iterator[str]:
    if record.vm and record.vm.cid not in held:
        yield f"VM {record.vm.cid}"
    yield from (f"disk {disk.cid}" for disk in record.disks if disk.cid not in held)
