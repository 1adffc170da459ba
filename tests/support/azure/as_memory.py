"""The stand-in's subscription as tests look at a memory cloud.

Takes a place, gives its VMs and disks; the views of them are in tests.support.kit.as_memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from cpi.clouds.memory.resources import HeldVm
from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmCreated, VmState
from cpi.kit import tags as owner_tags
from tests.support.azure import compute, network
from tests.support.azure.held_blobs import HeldBlobs
from tests.support.azure.place import Place
from tests.support.azure.store import Held, name_of
from tests.support.kit import held_vms
from tests.support.kit.as_memory import AsMemory

_GONE = frozenset({"Failed", "Deleting"})


@dataclass(slots=True)
class AzureAsMemory(AsMemory):
    """By the word of the stand-in's store alone."""

    place: Place
    held_blobs: HeldBlobs

    @property
    def blobs(self) -> HeldBlobs:
        return self.held_blobs

    def held_vms(self) -> Iterator[HeldVm]:
        return (_held(self.place, one) for one in self.place.store.of_type(compute.VM))

    def held_disks(self) -> Iterator[FoundDisk]:
        return _disks(self.place)

    def vanish_vm(self, cid: VmCid) -> None:
        for held in self.place.store.of_type(compute.VM):
            if held.body["name"] == cid:
                compute.delete_vm(self.place, held)
                self.place.store.drop(held.id)


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
