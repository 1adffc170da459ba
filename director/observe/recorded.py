"""A deployment as our own records have it: no cloud and no agent is asked.

Takes a world, what is wanted and the saved state, gives what a plan is made from.
"""

from collections.abc import Iterator, Mapping, Sequence

from cpi.contract.values import FoundDisk, FoundVm, OwnerKey, VmCid, VmCreated, VmState
from director.model.environments.desired import Desired
from director.model.environments.observed import Observed
from director.model.environments.state import DeploymentState, DiskRecord, VmRecord
from director.observe import machines, other_deployments
from director.ports.world import World

AddressesByNetwork = Mapping[str, frozenset[str]]


def observe_records(
    world: World, desired: Desired, state: DeploymentState, *, reserved: Sequence[AddressesByNetwork]
) -> Observed:
    """As the records have it, with addresses `reserved` beside; what is gone at the cloud, the deploy itself sees."""
    vms = tuple(_found_vm(state, vm) for vm in machines.vm_records(state))
    taken = other_deployments.merge_addresses([other_deployments.taken_addresses(world, state), *reserved])
    return Observed(
        state=state,
        seen_at=world.clock.now(),
        vms=vms,
        disks=tuple(_found_disks(state)),
        compiled=world.blobs.find_compiled([package.key for package in desired.packages]),
        secret_versions=world.vault.secret_versions(desired.secret_names()),
        taken=taken,
        dns=world.store.load_dns(state.environment, state.deployment),
        has_other_vms=other_deployments.have_vms(world, state),
    )


def _found_vm(state: DeploymentState, vm: VmRecord) -> FoundVm:
    disks = [disk.cid for record in state.instances if record.vm == vm for disk in record.disks]
    return FoundVm(
        created=VmCreated(cid=vm.cid, networks=vm.networks, host_key=vm.host_key),
        owner=_owner(state, vm.action),
        state=VmState.RUNNING,
        disk_cids=tuple(disks),
        tags=vm.tags,
    )


def _found_disks(state: DeploymentState) -> Iterator[FoundDisk]:
    for record in state.instances:
        for disk in record.disks:
            yield _found_disk(state, disk, record.vm.cid if record.vm else None)


def _found_disk(state: DeploymentState, disk: DiskRecord, vm_cid: VmCid | None) -> FoundDisk:
    owner = _owner(state, disk.action)
    return FoundDisk(cid=disk.cid, owner=owner, size_mib=disk.size_mib, vm_cid=vm_cid if disk.hint else None)


def _owner(state: DeploymentState, action: str) -> OwnerKey:
    return OwnerKey(environment=state.environment, deployment=state.deployment, action=action)
