"""A stand-in's project as tests look at a memory cloud.

Takes a project, gives its VMs and disks; the views of them are in tests.support.kit.as_memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cpi.clouds.memory.resources import HeldVm
from cpi.clouds.openstack.wire.names import NETWORKS
from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmCreated, VmState
from cpi.kit import tags as owner_tags
from tests.support.kit import held_vms
from tests.support.kit.as_memory import AsMemory
from tests.support.openstack.project import Project
from tests.support.signed_reads import SignedReads


@dataclass(slots=True)
class OpenStackAsMemory(AsMemory):
    """By the store's word alone."""

    project: Project

    @property
    def blobs(self) -> SignedReads:
        return SignedReads()

    def held_vms(self) -> Iterator[HeldVm]:
        """All servers."""
        return (self._held(one) for one in list(self.project.table("servers").values()))

    def held_disks(self) -> Iterator[FoundDisk]:
        """All volumes."""
        for volume in list(self.project.table("volumes").values()):
            holder = next((str(each["server_id"]) for each in volume["attachments"]), "")
            yield FoundDisk(
                cid=DiskCid(volume["id"]),
                owner=held_vms.owner_of(volume["metadata"]),
                size_mib=int(volume["size"]) * 1024,
                vm_cid=VmCid(holder) if holder else None,
                tags=owner_tags.other_tags(volume["metadata"]),
            )

    def vanish_vm(self, cid: VmCid) -> None:
        self.project.vanish(cid)

    def _held(self, server: dict[str, Any]) -> HeldVm:
        ports = [port for port in self.project.table("ports").values() if port["device_id"] == server["id"]]
        ips = [str(each["ip_address"]) for port in ports for each in port["fixed_ips"]]
        tags = owner_tags.other_tags(server["metadata"])
        found = FoundVm(
            created=VmCreated(cid=VmCid(server["id"]), networks=held_vms.networks_of(ips)),
            owner=held_vms.owner_of(server["metadata"]),
            state=VmState.RUNNING if server["status"] == "ACTIVE" else VmState.STOPPED,
            disk_cids=tuple(map(DiskCid, self.project.volumes_of(server["id"]))),
            tags={key: value for key, value in tags.items() if not key.startswith(NETWORKS)},
        )
        flavor = self.project.table("flavors")[server["flavor"]["id"]]
        return held_vms.held_vm(found, name=server["name"], instance_type=str(flavor["name"]))
