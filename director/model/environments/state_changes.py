"""One instance, VM or disk of a state changed, all others as they were. Pure.

Takes a state or a record and a change, gives the new one.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from cpi.contract.values import DiskCid
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord, VmRecord
from director.model.ids import InstanceId


def change_instance(
    state: DeploymentState, instance: InstanceId, change: Callable[[InstanceRecord], InstanceRecord]
) -> DeploymentState:
    """Give the state with that instance changed; one that is not there changes nothing."""
    return replace(
        state, instances=tuple(change(record) if record.id == instance else record for record in state.instances)
    )


def change_disk(
    state: DeploymentState, instance: InstanceId, *, cid: str, change: Callable[[DiskRecord], DiskRecord | None]
) -> DeploymentState:
    """Give the state with that disk of the instance changed, present or old; None lets go of it.

    A disk that the record no longer has changes nothing.
    """

    def changed(disk: DiskRecord) -> DiskRecord | None:
        return change(disk) if disk.cid == DiskCid(cid) else disk

    return change_instance(state, instance, lambda record: change_disks(record, changed))


def change_disks(record: InstanceRecord, change: Callable[[DiskRecord], DiskRecord | None]) -> InstanceRecord:
    """Give the record with each of its disks changed; None lets go of one."""
    return replace(
        record,
        disk=change(record.disk) if record.disk else None,
        old_disk=change(record.old_disk) if record.old_disk else None,
        named_disks=_changed(record.named_disks, change),
        old_named_disks=_changed(record.old_named_disks, change),
    )


def vm_of(state: DeploymentState, instance: InstanceId) -> VmRecord | None:
    """The instance's VM, None where there is no instance or no VM."""
    record = state.instance(instance)
    return record.vm if record else None


def put_vm(state: DeploymentState, instance: InstanceId, vm: VmRecord) -> DeploymentState:
    """Give the state with what is known of the instance's VM."""
    return change_instance(state, instance, lambda record: replace(record, vm=vm))


def put_compiler(state: DeploymentState, name: str, vm: VmRecord) -> DeploymentState:
    """Give the state with what is known of a compile VM."""
    return replace(state, compilers={**state.compilers, name: vm})


def replace_vm(state: DeploymentState, instance: InstanceId, vm: VmRecord | None) -> DeploymentState:
    """Give the state with another VM or none: nothing runs, and no disk is attached."""

    def changed(record: InstanceRecord) -> InstanceRecord:
        addresses = vm.addresses if vm else record.addresses
        return replace(change_disks(record, detached), vm=vm, addresses=addresses, applied=None)

    return change_instance(state, instance, changed)


def detached(disk: DiskRecord) -> DiskRecord:
    """The disk, on no VM."""
    return replace(disk, hint=None, is_mounted=False)


def _changed(
    disks: Mapping[str, DiskRecord], change: Callable[[DiskRecord], DiskRecord | None]
) -> Mapping[str, DiskRecord]:
    after = {name: change(disk) for name, disk in disks.items()}
    return {name: disk for name, disk in after.items() if disk}
