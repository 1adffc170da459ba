"""One instance, VM or disk of a state changed, all others as they were. Pure.

Takes a state or a record and a change, gives the new one.
"""

from collections.abc import Callable
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

    def changed(disk: DiskRecord | None) -> DiskRecord | None:
        return change(disk) if disk is not None and disk.cid == DiskCid(cid) else disk

    return change_instance(
        state,
        instance,
        lambda record: replace(record, disk=changed(record.disk), old_disk=changed(record.old_disk)),
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
        return replace(
            record,
            vm=vm,
            addresses=vm.addresses if vm else record.addresses,
            applied=None,
            disk=_detached(record.disk),
            old_disk=_detached(record.old_disk),
        )

    return change_instance(state, instance, changed)


def _detached(disk: DiskRecord | None) -> DiskRecord | None:
    return replace(disk, hint=None, is_mounted=False) if disk else None
