"""VMs that stay and get more disks: how many each has at once, at most. Pure.

Takes a plan and the state it starts from, gives requests as for new VMs, for the checks of preflight.
"""

from collections.abc import Iterator, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import OwnerKey, SshAccess, VmRequest
from director.actions.attach_disk import AttachDisk
from director.actions.create_disk import CreateDisk
from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.actions.detach_disk import DetachDisk
from director.actions.elect_vm import ElectVm
from director.model.environments.state import DeploymentState, InstanceRecord, VmRecord
from director.model.tasks.plan import Plan
from director.model.tasks.work import Work
from director.plan.deciding import vm_requests

_Replacing = CreateVm | DeleteVm | ElectVm


def growing_vms(plan: Plan, state: DeploymentState | None, cloud: str) -> Iterator[VmRequest]:
    """Those on that cloud which get more disks than they have."""
    for record in state.instances if state else ():
        works = [action.work for action in plan.actions if action.work.instance_id == record.id]
        is_kept = not any(isinstance(work, _Replacing) for work in works)
        if record.vm and record.vm.cloud == cloud and is_kept:
            has = sum(disk.hint is not None for disk in record.disks)
            most = _most_at_once(record, works)
            if most > has:
                yield recorded_request(record.vm, record, state, disks=most)


def recorded_request(vm: VmRecord, record: InstanceRecord, state: DeploymentState | None, *, disks: int) -> VmRequest:
    """The request that makes a VM like a recorded one; `disks` is how many it has at once."""
    environment, deployment = (state.environment, state.deployment) if state else ("", "")
    return VmRequest(
        name=vm_requests.vm_name(record),
        owner=OwnerKey(environment=environment, deployment=deployment, action=vm.action),
        agent_id="",
        stemcell_cid=vm.stemcell_cid,
        networks=vm.networks,
        ssh=SshAccess(user="", public_key=""),
        cloud_properties=vm.cloud_properties,
        later_disks=disks,
    )


@dataclass(slots=True)
class _Attached:
    """Which disks the names mean, and which disks are attached, as actions change both."""

    slots: dict[tuple[str, bool], str] = field(default_factory=dict)
    attached: set[str] = field(default_factory=set)

    def follow(self, work: Work) -> None:
        match work:
            case CreateDisk():
                self.slots[work.disk, True] = self.slots.get((work.disk, False), "")
                self.slots[work.disk, False] = f"new disk '{work.disk}'"
            case AttachDisk():
                self.attached.add(self.slots.get((work.disk, work.is_old), ""))
            case DetachDisk():
                self.attached.discard(self.slots.get((work.disk, work.is_old), ""))


def _most_at_once(record: InstanceRecord, works: Sequence[Work]) -> int:
    found = _Attached()
    for name in ("", *record.named_disks, *record.old_named_disks):
        for is_old in (False, True):
            disk = record.disk_called(name, is_old=is_old)
            if disk:
                found.slots[name, is_old] = disk.cid
    found.attached = {disk.cid for disk in record.disks if disk.hint is not None}
    most = len(found.attached)
    for work in works:
        found.follow(work)
        most = max(most, len(found.attached))
    return most
