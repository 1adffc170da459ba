"""LONG_RUNNING for a cloud whose calls return when the work is done, but for those that a subclass says.

Takes the cloud's abilities, gives their results; nothing is ever under way.
"""

from collections.abc import Mapping

from cpi.contract.cloud import Cloud, Landing, Power
from cpi.contract.long_running import Pending
from cpi.contract.values import (
    NO_TAGS,
    DiskCid,
    DiskRequest,
    FoundLandingResource,
    LandingCid,
    LandingResource,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)


class ImmediateCalls:
    """Implements LongRunning of cpi.contract.long_running."""

    def __init__(self, cloud: Cloud, landing: Landing, power: Power) -> None:
        self._cloud = cloud
        self._landing = landing
        self._power = power

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending:
        return self._cloud.create_stemcell(request)

    def delete_stemcell(self, cid: StemcellCid) -> Pending | None:
        self._cloud.delete_stemcell(cid)
        return None

    def create_vm(self, request: VmRequest) -> VmCreated | Pending:
        return self._cloud.create_vm(request)

    def delete_vm(self, cid: VmCid) -> Pending | None:
        self._cloud.delete_vm(cid)
        return None

    def reboot_vm(self, cid: VmCid) -> Pending | None:
        self._cloud.reboot_vm(cid)
        return None

    def stop_vm(self, cid: VmCid) -> Pending | None:
        self._power.stop_vm(cid)
        return None

    def start_vm(self, cid: VmCid) -> Pending | None:
        self._power.start_vm(cid)
        return None

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> Pending | None:
        self._cloud.set_vm_metadata(cid, tags)
        return None

    def create_disk(self, request: DiskRequest) -> DiskCid | Pending:
        return self._cloud.create_disk(request)

    def delete_disk(self, cid: DiskCid) -> Pending | None:
        self._cloud.delete_disk(cid)
        return None

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str | Pending:
        return self._cloud.attach_disk(vm_cid, disk_cid)

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> Pending | None:
        self._cloud.detach_disk(vm_cid, disk_cid)
        return None

    def resize_disk(self, cid: DiskCid, size_mib: int) -> Pending | None:
        self._cloud.resize_disk(cid, size_mib)
        return None

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> Pending | None:
        self._cloud.set_disk_metadata(cid, tags)
        return None

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid | Pending:
        return self._cloud.snapshot_disk(cid, owner, tags)

    def delete_snapshot(self, cid: SnapshotCid) -> Pending | None:
        self._cloud.delete_snapshot(cid)
        return None

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource | Pending:
        return self._landing.create_landing_resource(resource, owner)

    def delete_landing_resource(self, cid: LandingCid) -> Pending | None:
        self._landing.delete_landing_resource(cid)
        return None

    def look(self, handle: str) -> Pending | None:
        """Nothing is under way."""
        return None
