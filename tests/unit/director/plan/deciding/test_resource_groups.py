"""What there is of a deployment once a plan is carried out."""

from dataclasses import replace

from cpi.contract.values import DiskCid, DiskRequest, OwnerKey
from director.actions.create_disk import CreateDisk
from director.actions.create_vm import CreateVm
from director.actions.delete_vm import DeleteVm
from director.actions.elect_vm import ElectVm
from director.actions.orphan_disk import OrphanDisk
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import ActionId, GroupName, InstanceId
from director.model.tasks.work import Work
from director.plan.deciding import resource_groups
from director.plan.deciding.preflight_requests import DeploymentStep
from tests.support.wants import DEPLOYMENT, ENVIRONMENT
from tests.unit.director.plan.deciding.test_preflight_requests import compiling, making, plan, record, vm


def _disk(cid: str, size_mib: int) -> DiskRecord:
    return DiskRecord(cid=DiskCid(cid), action=ActionId("a"), size_mib=size_mib)


def _state(*instances: InstanceRecord) -> DeploymentState:
    return DeploymentState(environment=ENVIRONMENT, deployment=DEPLOYMENT, instances=instances)


def _after(state: DeploymentState, *works: Work, records: tuple[InstanceRecord, ...] = ()) -> dict[str, object]:
    """By group: the VMs' names, and the disks' sizes."""
    made = replace(plan(*works), records=records)
    groups = resource_groups.groups_after([DeploymentStep(plan=made, state=state)])
    return {
        group.name: (
            [one.name for request in group.requests.values() for one in request.vms],
            [one.size_mib for request in group.requests.values() for one in request.disks],
        )
        for group in groups
    }


def test_what_stays_and_what_is_created_counts_and_what_is_deleted_does_not() -> None:
    state = _state(record("a", "vm-a"), replace(record("b", "vm-b"), index=1))
    new = InstanceRecord(id=InstanceId("c"), group=GroupName("db"), index=0)
    gone = DeleteVm(cloud=ONLY_CLOUD, instance=InstanceId("b"))
    assert _after(state, gone, making("c"), compiling("compiler"), records=(new,)) == {
        "web": (["web-0-a"], []),
        "db": (["c"], []),
    }


def test_a_vm_that_is_recreated_counts_once_and_so_does_one_with_a_successor() -> None:
    state = _state(record("a", "vm-a"))
    recreated: tuple[Work, ...] = (DeleteVm(cloud=ONLY_CLOUD, instance=InstanceId("a")), making("a"))
    assert _after(state, *recreated) == {"web": (["a"], [])}
    successor = CreateVm(cloud=ONLY_CLOUD, request=vm("next"), compiler="next")
    elected = ElectVm(instance=InstanceId("a"), successor="next")
    step = DeploymentStep(plan=plan(successor, elected, compiling("compiler")), state=state)
    assert _after(state, successor, elected) == {"web": (["next"], [])}
    assert [one.name for one in resource_groups.compile_vms(step, ONLY_CLOUD)] == ["compiler"]


def test_a_disk_that_is_replaced_is_orphaned_and_still_costs() -> None:
    state = _state(replace(record("a", "vm-a"), disk=_disk("disk-1", 1024)))
    owner = OwnerKey(environment=ENVIRONMENT, deployment=DEPLOYMENT, action="d")
    larger = CreateDisk(cloud=ONLY_CLOUD, instance=InstanceId("a"), request=DiskRequest(owner=owner, size_mib=2048))
    orphaned = OrphanDisk(cloud=ONLY_CLOUD, instance=InstanceId("a"), is_old=True)
    assert _after(state, larger, orphaned) == {
        "web": (["web-0-a"], [2048]),
        resource_groups.ORPHANED: ([], [1024]),
    }
    assert _after(state) == {"web": (["web-0-a"], [1024])}
