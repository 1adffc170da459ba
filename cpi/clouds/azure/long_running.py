"""LONG_RUNNING on Azure: calls that return once Azure accepts them, and `look` for their progress.

Takes the plugin's abilities, whose methods stop at an operation under way; gives their results, or Pending.
"""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from cpi.clouds.azure.cloud import AzureCloud
from cpi.clouds.azure.images.uploads import Uploads
from cpi.clouds.azure.landing.landing_zone import AzureLanding
from cpi.clouds.azure.machines.power import AzurePower
from cpi.clouds.azure.wire import underway
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.underway import ArmOperation, CreationFailed, Underway, Watched
from cpi.contract.errors import CloudError, Retry
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

T = TypeVar("T")
_UPLOAD_S = 86400.0
"""The limit of an upload as a whole: as long as its disk may be written to."""


class AzureLongRunning:
    """Implements LongRunning of cpi.contract.long_running."""

    def __init__(
        self, api: Api, cloud: AzureCloud, landing: AzureLanding, *, power: AzurePower, uploads: Uploads
    ) -> None:
        self._api = api
        self._cloud = cloud
        self._landing = landing
        self._power = power
        self._uploads = uploads

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending:
        return self._begin(lambda: self._cloud.create_stemcell(request))

    def delete_stemcell(self, cid: StemcellCid) -> Pending | None:
        return self._begin(lambda: self._cloud.delete_stemcell(cid))

    def create_vm(self, request: VmRequest) -> VmCreated | Pending:
        return self._begin(lambda: self._cloud.create_vm(request))

    def delete_vm(self, cid: VmCid) -> Pending | None:
        return self._begin(lambda: self._cloud.delete_vm(cid))

    def reboot_vm(self, cid: VmCid) -> Pending | None:
        return self._begin(lambda: self._cloud.reboot_vm(cid))

    def stop_vm(self, cid: VmCid) -> Pending | None:
        return self._begin(lambda: self._power.stop_vm(cid))

    def start_vm(self, cid: VmCid) -> Pending | None:
        return self._begin(lambda: self._power.start_vm(cid))

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> Pending | None:
        return self._begin(lambda: self._cloud.set_vm_metadata(cid, tags))

    def create_disk(self, request: DiskRequest) -> DiskCid | Pending:
        return self._begin(lambda: self._cloud.create_disk(request))

    def delete_disk(self, cid: DiskCid) -> Pending | None:
        return self._begin(lambda: self._cloud.delete_disk(cid))

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str | Pending:
        return self._begin(lambda: self._cloud.attach_disk(vm_cid, disk_cid))

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> Pending | None:
        return self._begin(lambda: self._cloud.detach_disk(vm_cid, disk_cid))

    def resize_disk(self, cid: DiskCid, size_mib: int) -> Pending | None:
        return self._begin(lambda: self._cloud.resize_disk(cid, size_mib))

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> Pending | None:
        return self._begin(lambda: self._cloud.set_disk_metadata(cid, tags))

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid | Pending:
        return self._begin(lambda: self._cloud.snapshot_disk(cid, owner, tags))

    def delete_snapshot(self, cid: SnapshotCid) -> Pending | None:
        return self._begin(lambda: self._cloud.delete_snapshot(cid))

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource | Pending:
        return self._begin(lambda: self._landing.create_landing_resource(resource, owner))

    def delete_landing_resource(self, cid: LandingCid) -> Pending | None:
        return self._begin(lambda: self._landing.delete_landing_resource(cid))

    def look(self, handle: str) -> Pending | None:
        watched = underway.read_handle(handle)
        try:
            going, result = self._api.look(watched.operation)
        except CloudError as error:
            if error.retry is not Retry.NEVER:
                raise
            return self._clean_up(watched if watched.failure else underway.failed(watched, error))
        if going is not None:
            return self._pending(replace(watched, operation=going))
        if watched.upload:
            self._uploads.note_access(watched.upload, result)
        return self._clean_up(watched) if watched.failure else None

    def _begin(self, call: Callable[[], T]) -> T | Pending:
        """The call's result, or what Azure is carrying out; what a refused create began is deleted first."""
        try:
            return call()
        except Underway as found:
            return self._pending(Watched(operation=found.operation, leftover=found.leftover, upload=found.upload))
        except CreationFailed as found:
            begun = Watched(operation=ArmOperation(url="", doing=""), leftover=found.leftover)
            return self._clean_up(underway.failed(begun, found.error))

    def _clean_up(self, watched: Watched) -> Pending:
        """Delete what a failed create left; once nothing is left, raise why it failed."""
        failure = underway.failure_of(watched)
        assert failure is not None
        try:
            with contextlib.suppress(CloudError):  # what resists is found again by its tags
                self._delete(watched.leftover)
        except Underway as found:
            return self._pending(replace(watched, operation=found.operation))
        raise failure

    def _delete(self, leftover: str) -> None:
        kind, _, name = leftover.partition("/")
        match kind:
            case "vm":
                self._cloud.delete_vm(VmCid(name))
            case "disk":
                self._cloud.delete_disk(DiskCid(name))
            case "snapshot":
                self._cloud.delete_snapshot(SnapshotCid(name))

    def _pending(self, watched: Watched) -> Pending:
        limit_s = _UPLOAD_S if watched.upload else 0.0
        return self._api.pending(watched.operation, handle=underway.write_handle(watched), limit_s=limit_s)
