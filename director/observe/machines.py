"""Which VMs and disks exist, by the clouds' own word.

Takes a world and a state, gives what each cloud finds by owner key; where it cannot find, looks up each resource that
the state names.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import NotSupportedError
from cpi.contract.values import DiskCid, FoundDisk, FoundVm, OwnerKey, OwnerQuery, VmCreated, VmState
from director.model.environments.environment import Environment
from director.model.environments.observed import CLOUD_TAG
from director.model.environments.state import DeploymentState, DiskRecord, VmRecord
from director.observe import queries
from director.ports.world import World

Machines = tuple[tuple[FoundVm, ...], tuple[FoundDisk, ...]]


def find_machines(world: World, environment: Environment, state: DeploymentState) -> Machines:
    """All VMs and disks of the deployment, cloud by cloud; a throttled look is made again."""
    query = OwnerQuery(environment=environment.name, deployment=state.deployment)
    looks = {
        f"machines/{name}": partial(_look, name, cloud, state=state, query=query)
        for name, cloud in world.clouds.items()
    }
    found = queries.ask_all(world.runner, looks)
    vms = tuple(vm for machines in found.values() for vm in machines[0])
    return vms, tuple(disk for machines in found.values() for disk in machines[1])


def _look(name: str, cloud: ConnectedCloud, *, state: DeploymentState, query: OwnerQuery) -> Machines:
    if cloud.finder is not None:
        vms, disks = cloud.finder.find_vms(query), cloud.finder.find_disks(query)
    else:
        vms = _known_vms(name, cloud, state)
        disks = _known_disks(name, cloud, state, vms=vms)
    found_by = {CLOUD_TAG: name}
    return (
        tuple(replace(vm, tags={**vm.tags, **found_by}) for vm in vms),
        tuple(replace(disk, tags={**disk.tags, **found_by}) for disk in disks),
    )


def _known_vms(name: str, cloud: ConnectedCloud, state: DeploymentState) -> tuple[FoundVm, ...]:
    """Without FIND the state's VMs are the only ones we know to ask for."""
    recorded = (record for record in vm_records(state) if record.cloud == name)
    return tuple(_found_vm(cloud, record, state) for record in recorded if cloud.cloud.has_vm(record.cid))


def _found_vm(cloud: ConnectedCloud, record: VmRecord, state: DeploymentState) -> FoundVm:
    return FoundVm(
        created=VmCreated(cid=record.cid, networks=record.networks, host_key=record.host_key),
        owner=_owner(state, record.action),
        state=VmState.RUNNING,
        disk_cids=_disks_of(cloud, record, state),
        tags=record.tags,
    )


def _known_disks(
    name: str, cloud: ConnectedCloud, state: DeploymentState, *, vms: Iterable[FoundVm]
) -> tuple[FoundDisk, ...]:
    recorded = (disk for disk in _disk_records(state) if disk.cloud == name)
    attached = {str(disk): vm.created.cid for vm in vms for disk in vm.disk_cids}
    return tuple(
        FoundDisk(
            cid=disk.cid, owner=_owner(state, disk.action), size_mib=disk.size_mib, vm_cid=attached.get(str(disk.cid))
        )
        for disk in recorded
        if cloud.cloud.has_disk(disk.cid)
    )


def _disks_of(cloud: ConnectedCloud, vm: VmRecord, state: DeploymentState) -> tuple[DiskCid, ...]:
    """A CPI need not have get_disks: then the state says what was attached."""
    try:
        return cloud.cloud.get_disks(vm.cid)
    except NotSupportedError:
        held = [record for record in state.instances if record.vm and record.vm.cid == vm.cid]
        return tuple(disk.cid for record in held for disk in record.disks if disk.hint)


def vm_records(state: DeploymentState) -> tuple[VmRecord, ...]:
    """All VMs the state knows, compile VMs included."""
    return (*(record.vm for record in state.instances if record.vm), *state.compilers.values())


def _disk_records(state: DeploymentState) -> tuple[DiskRecord, ...]:
    return tuple(disk for record in state.instances for disk in record.disks)


def _owner(state: DeploymentState, action: str) -> OwnerKey:
    return OwnerKey(environment=state.environment, deployment=state.deployment, action=action)
