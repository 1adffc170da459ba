"""The stand-in's subscription as tests look at a memory cloud: VMs, disks, what is attached; by its store's word alone.

Takes a place, gives the same views that tests.support and tests.chaos take of cpi.clouds.memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from cpi.clouds.memory.resources import HeldVm, MemoryInventory
from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmCreated, VmState
from cpi.kit import tags as owner_tags
from tests.support import held_vms
from tests.support.azure import compute, network
from tests.support.azure.held_blobs import HeldBlobs
from tests.support.azure.place import Place
from tests.support.azure.store import Held, name_of

_GONE = frozenset({"Failed", "Deleting"})


@dataclass(slots=True)
class MemoryResources:
    """`vms` are read again at each access; `blobs` are what VMs read of object storage."""

    place: Place
    blobs: HeldBlobs

    @property
    def vms(self) -> Mapping[VmCid, HeldVm]:
        """All there are."""
        return {VmCid(str(one.body["name"])): _held(self.place, one) for one in self.place.store.of_type(compute.VM)}

    def vm(self, cid: VmCid) -> HeldVm:
        """One of them."""
        return _held(self.place, next(one for one in self.place.store.of_type(compute.VM) if one.body["name"] == cid))


@dataclass(slots=True)
class AzureAsMemory:
    """Replaces a MemoryCloud in MemoryAgents and convergence."""

    place: Place
    blobs: HeldBlobs
    mounted: set[DiskCid] = field(default_factory=set)

    @property
    def resources(self) -> MemoryResources:
        """What is there."""
        return MemoryResources(self.place, self.blobs)

    def inventory(self) -> MemoryInventory:
        """All VMs and persistent disks, with any owner."""
        return MemoryInventory(
            vms=tuple(held.found for held in self.resources.vms.values()), disks=tuple(_disks(self.place))
        )

    def vanish_vm(self, cid: VmCid) -> None:
        """Lose it as clouds do."""
        for held in self.place.store.of_type(compute.VM):
            if held.body["name"] == cid:
                compute.delete_vm(self.place, held)
                self.place.store.drop(held.id)

    def set_mounted(self, cid: DiskCid, *, is_mounted: bool) -> None:
        """What the VM's agent did with a disk."""
        (self.mounted.add if is_mounted else self.mounted.discard)(cid)


def _held(place: Place, vm: Held) -> HeldVm:
    properties, tags = vm.body["properties"], vm.body.get("tags", {})
    disks = properties["storageProfile"].get("dataDisks", [])
    is_off = properties["provisioningState"] in _GONE or vm.hidden.get("power") != "running"
    ips = [network.nic_facts(place, nic).private_ip for nic in network.nics_of(place, properties)]
    found = FoundVm(
        created=VmCreated(cid=VmCid(str(vm.body["name"])), networks=held_vms.networks_of(ips)),
        owner=held_vms.owner_of(tags),
        state=VmState.STOPPED if is_off else VmState.RUNNING,
        disk_cids=tuple(DiskCid(name_of(disk["managedDisk"]["id"])) for disk in disks),
        tags=owner_tags.other_tags(tags),
    )
    return held_vms.held_vm(
        found,
        name=str(properties["osProfile"]["computerName"]),
        instance_type=str(properties["hardwareProfile"]["vmSize"]),
    )


def _disks(place: Place) -> Iterator[FoundDisk]:
    for disk in place.store.of_type(compute.DISK):
        if disk.body["properties"]["creationData"]["createOption"] in ("FromImage", "Upload"):
            continue
        tags, holder = disk.body.get("tags", {}), disk.body.get("managedBy")
        yield FoundDisk(
            cid=DiskCid(str(disk.body["name"])),
            owner=held_vms.owner_of(tags),
            size_mib=int(disk.body["properties"]["diskSizeGB"]) * 1024,
            vm_cid=VmCid(name_of(holder)) if holder else None,
            tags=owner_tags.other_tags(tags),
        )
