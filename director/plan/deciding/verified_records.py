"""Records verified against the cloud: missing resources are removed, addresses are those of the VM.

Takes Observed, gives it with verified records.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmState
from director.errors import InputError, raise_all
from director.model.agents.agent_state import AgentState
from director.model.environments import state_changes
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer, Observed
from director.model.environments.state import DiskRecord, InstanceRecord
from director.model.ids import InstanceId

VM_STOPPED = "vm-stopped"
"""The state of a VM that the cloud has switched off: it counts as lost and is recreated without `--fix`."""


def verify_records(observed: Observed) -> Observed:
    """Compare each record with the cloud: VMs that are gone or off, disks that are attached elsewhere."""
    vms = {vm.created.cid: vm for vm in observed.vms}
    disks = {disk.cid: disk for disk in observed.disks}
    records = tuple(_with_disks(_with_vm(record, vms), disks) for record in observed.state.instances)
    agents = {
        record.id: agent
        for record in records
        if record.vm and (agent := _word(record.id, vms[record.vm.cid], observed.agents))
    }
    return replace(observed, state=replace(observed.state, instances=records), agents=agents)


def require_disks(records: Iterable[InstanceRecord], observed: Observed) -> None:
    """Require the disk of each instance. Raises InputError: disk-missing, all of them at once."""
    found = {disk.cid for disk in observed.disks}
    raise_all(_missing(record, disk) for record in records for disk in record.disks if disk.cid not in found)


def _with_vm(record: InstanceRecord, vms: Mapping[VmCid, FoundVm]) -> InstanceRecord:
    if record.vm is None:
        return record
    if record.vm.cid in vms:
        return replace(record, addresses=record.vm.addresses)
    return replace(record, vm=None, applied=None)


def _word(
    instance: InstanceId, vm: FoundVm, agents: Mapping[InstanceId, AgentState | NoAnswer]
) -> AgentState | NoAnswer | None:
    agent = agents.get(instance)
    if isinstance(agent, NoAnswer) and agent.code == JUMPBOX_SILENT:
        return agent
    if vm.state is VmState.STOPPED:
        return NoAnswer(code=VM_STOPPED, why="The cloud reports the VM as switched off.")
    if vm.state is VmState.INCOMPLETE:
        return NoAnswer(code=VM_STOPPED, why="The VM no longer exists in the cloud; only its parts remain.")
    return agent


def _with_disks(record: InstanceRecord, disks: Mapping[DiskCid, FoundDisk]) -> InstanceRecord:
    return state_changes.change_disks(record, lambda disk: _in_place(record, disk, disks))


def _in_place(record: InstanceRecord, disk: DiskRecord, disks: Mapping[DiskCid, FoundDisk]) -> DiskRecord:
    if disk.cid not in disks or (record.vm and disks[disk.cid].vm_cid == record.vm.cid):
        return disk
    return state_changes.detached(disk)


def _missing(record: InstanceRecord, disk: DiskRecord) -> InputError:
    return InputError(
        "disk-missing",
        f"The persistent disk of {record.name} is gone: the cloud has no disk '{disk.cid}'.",
        why="It was deleted outside compleat, which cannot restore its content.",
        fix="Restore the disk in the cloud; or replace it by an empty one: run "
        "`compleat cloud-check --resolution delete_disk_reference`, then deploy.",
    )
