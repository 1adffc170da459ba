"""What there is of a deployment once a plan is carried out, by instance group. Pure.

Takes a plan and the state it starts from, gives the requests that its VMs and disks are made with.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskRequest, OwnerKey, PreflightRequest, VmRequest
from director.actions.create_disk import CreateDisk
from director.actions.create_vm import CreateVm
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_vm import DeleteVm
from director.actions.elect_vm import ElectVm
from director.actions.forget_instance import ForgetInstance
from director.actions.orphan_disk import OrphanDisk
from director.model.costs import ResourceGroup
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import InstanceId, RunId
from director.model.tasks.plan import Plan
from director.model.tasks.work import Work
from director.plan.deciding import growing_vms
from director.plan.deciding.preflight_requests import DeploymentStep

ORPHANED = "orphaned disks"
_REPLACING = (CreateVm, DeleteVm, ElectVm, ForgetInstance)


@dataclass(slots=True)
class _Collected:
    """By group and cloud."""

    vms: dict[tuple[str, str], list[VmRequest]] = field(default_factory=lambda: defaultdict(list))
    disks: dict[tuple[str, str], list[DiskRequest]] = field(default_factory=lambda: defaultdict(list))

    def groups(self) -> tuple[ResourceGroup, ...]:
        """In the order in which their first resource was added."""
        names = dict.fromkeys(group for group, _ in (*self.vms, *self.disks))
        return tuple(ResourceGroup(name=name, requests=self._requests(name)) for name in names)

    def _requests(self, name: str) -> Mapping[str, PreflightRequest]:
        clouds = sorted({cloud for group, cloud in (*self.vms, *self.disks) if group == name})
        return {
            cloud: PreflightRequest(
                vms=tuple(self.vms.get((name, cloud), ())), disks=tuple(self.disks.get((name, cloud), ()))
            )
            for cloud in clouds
        }


def groups_after(steps: Sequence[DeploymentStep]) -> tuple[ResourceGroup, ...]:
    """All groups of the steps' deployments, in the order of their instances; disks that the plans orphan come last."""
    collected = _Collected()
    for step in steps:
        _add_kept(collected, step)
        _add_created(collected, step)
    orphaned = sorted(collected.disks, key=lambda key: key[0] == ORPHANED)
    collected.disks = {key: collected.disks[key] for key in orphaned}
    return collected.groups()


def groups_of(states: Sequence[DeploymentState]) -> tuple[ResourceGroup, ...]:
    """All groups of deployments as they are recorded."""
    unchanged = [Plan(run=RunId(""), environment=state.environment, deployment=state.deployment) for state in states]
    return groups_after([DeploymentStep(plan=plan, state=state) for plan, state in zip(unchanged, states, strict=True)])


def compile_vms(step: DeploymentStep, cloud: str) -> tuple[VmRequest, ...]:
    """The VMs that are there only while the plan runs."""
    elected = _elected(step.plan)
    works = [action.work for action in step.plan.actions if isinstance(action.work, CreateVm)]
    return tuple(
        work.request for work in works if work.cloud == cloud and work.compiler and work.compiler not in elected
    )


def _add_kept(collected: _Collected, step: DeploymentStep) -> None:
    works: dict[InstanceId | None, list[Work]] = defaultdict(list)
    for action in step.plan.actions:
        works[action.work.instance_id].append(action.work)
    deleted = {action.work.cid for action in step.plan.actions if isinstance(action.work, DeleteDisk)}
    for record in step.state.instances if step.state else ():
        own = works.get(record.id, [])
        if record.vm is not None and not any(isinstance(work, _REPLACING) for work in own):
            request = growing_vms.recorded_request(record.vm, record, step.state, disks=0)
            collected.vms[record.group, record.vm.cloud].append(request)
        orphaned = {found.cid for work in own if isinstance(work, OrphanDisk) and (found := _orphan(record, work))}
        for disk in record.disks:
            if disk.cid not in deleted:
                group = ORPHANED if disk.cid in orphaned else record.group
                collected.disks[group, disk.cloud].append(_disk_request(disk, step))


def _orphan(record: InstanceRecord, work: OrphanDisk) -> DiskRecord | None:
    """The disk that the instance has under that name now: one that the plan creates makes it the old one."""
    return record.disk_called(work.disk) or record.disk_called(work.disk, is_old=True)


def _add_created(collected: _Collected, step: DeploymentStep) -> None:
    known = step.state.instances if step.state else ()
    groups = {record.id: record.group for record in (*known, *step.plan.records)}
    elected = _elected(step.plan)
    for action in step.plan.actions:
        work = action.work
        if isinstance(work, CreateDisk):
            collected.disks[groups[work.instance], work.cloud].append(work.request)
        elif isinstance(work, CreateVm):
            instance = work.instance or elected.get(work.compiler or "")
            if instance is not None:
                collected.vms[groups[instance], work.cloud].append(work.request)


def _elected(plan: Plan) -> Mapping[str, InstanceId]:
    """VMs that are created beside those that they replace, by their names among compile VMs."""
    works = [action.work for action in plan.actions if isinstance(action.work, ElectVm)]
    return {work.successor: work.instance for work in works if work.instance is not None}


def _disk_request(disk: DiskRecord, step: DeploymentStep) -> DiskRequest:
    owner = OwnerKey(environment=step.plan.environment, deployment=step.plan.deployment, action=disk.action)
    return DiskRequest(owner=owner, size_mib=disk.size_mib, cloud_properties=disk.cloud_properties)
