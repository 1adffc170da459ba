"""The local cloud as a Cloud: each method checks what was written, and asks the service.

Takes and gives values of cpi.contract.values. Deleting what is absent starts nothing.
"""

from collections.abc import Mapping
from dataclasses import replace

from cpi.clouds.local.images import host_stemcell
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system import names
from cpi.clouds.local.machines import finder, vm_records
from cpi.clouds.local.wire import balancer_names, config
from cpi.clouds.local.wire.api import Api
from cpi.contract.errors import CloudError, NotFoundError, NotSupportedError
from cpi.contract.values import (
    NO_TAGS,
    CloudInfo,
    DiskCid,
    DiskRequest,
    JsonValue,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit import foreign_cids, judge

_API_VERSION = 2
_FORMAT = "compleat-host"


class LocalCloud:
    def __init__(self, api: Api, tags: Mapping[str, str]) -> None:
        self._api = api
        self._tags = dict(tags)

    def info(self) -> CloudInfo:
        own = host_stemcell.read_host()
        return CloudInfo(
            api_version=_API_VERSION,
            stemcell_formats=(_FORMAT,),
            default_os=own.os,
            default_version=own.version,
            architecture=own.architecture,
            are_networks_routed=False,
            has_control_groups=False,
        )

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        host_stemcell.check_request(request)
        os, version = host_stemcell.named_as(request)
        order = {
            "owner": finder.write_owner(request.owner),
            "os": os,
            "version": version,
            "tags": {**self._tags, **request.tags},
        }
        return StemcellCid(self._api.call("create_stemcell", order))

    def delete_stemcell(self, cid: StemcellCid) -> None:
        self._delete("delete_stemcell", cid)

    def create_vm(self, request: VmRequest) -> VmCreated:
        if request.agent is not None:
            raise NotSupportedError(
                "agent-not-supported",
                f"VM '{request.name}' needs a bosh-agent, which the local cloud's stemcell does not have.",
                why="Its VMs run this machine's programs.",
                fix="Deploy with compleat, which needs no agent, or let the director use another cloud.",
            )
        properties = config.read_properties(config.VmProperties, request.cloud_properties, where=f"VM '{request.name}'")
        for unknown in balancer_names.findings(self._api.state, [properties]):
            raise judge.missing(unknown)
        order = vm_records.write_vm(replace(request, tags={**self._tags, **request.tags}))
        vm: records.LocalVm = self._api.call("create_vm", order)
        return finder.read_created(vm)

    def delete_vm(self, cid: VmCid) -> None:
        self._delete("delete_vm", cid)

    def has_vm(self, cid: VmCid) -> bool:
        foreign_cids.require_own(cid, what="VM", cloud="local")
        vm = records.load_vm(self._api.state, cid) if names.is_cid(cid) else None
        return vm is not None and finder.is_whole(self._api.state, vm)

    def reboot_vm(self, cid: VmCid) -> None:
        self._api.call("reboot_vm", {"cid": self._known_vm(cid)})

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        self._api.call("set_vm_tags", {"cid": self._known_vm(cid), "tags": dict(tags)})

    def create_disk(self, request: DiskRequest) -> DiskCid:
        config.read_properties(config.DiskProperties, request.cloud_properties, where="a disk")
        if request.size_mib <= 0:
            raise CloudError(
                "disk-size-invalid",
                f"Disk size must be positive, got {request.size_mib} MiB.",
                fix="Request at least 1 MiB.",
            )
        order = {
            "owner": finder.write_owner(request.owner),
            "size_mib": request.size_mib,
            "cloud_properties": request.cloud_properties,
            "tags": {**self._tags, **request.tags},
        }
        return DiskCid(self._api.call("create_disk", order))

    def delete_disk(self, cid: DiskCid) -> None:
        self._delete("delete_disk", cid)

    def has_disk(self, cid: DiskCid) -> bool:
        foreign_cids.require_own(cid, what="disk", cloud="local")
        return names.is_cid(cid) and records.load_disk(self._api.state, cid) is not None

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        attachment = {"vm": self._known_vm(vm_cid), "disk": self._known_disk(disk_cid)}
        return str(self._api.call("attach_disk", attachment))

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        self._api.call("detach_disk", {"vm": self._known_vm(vm_cid), "disk": self._known_disk(disk_cid)})

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        self._api.call("resize_disk", {"cid": self._known_disk(cid), "size_mib": size_mib})

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        self._api.call("set_disk_tags", {"cid": self._known_disk(cid), "tags": dict(tags)})

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        whole = {**self._tags, **tags}
        order = {"cid": self._known_disk(cid), "owner": finder.write_owner(owner), "tags": whole}
        return SnapshotCid(self._api.call("snapshot_disk", order))

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        self._delete("delete_snapshot", cid)

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        vm = records.load_vm(self._api.state, self._known_vm(vm_cid))
        return tuple(DiskCid(disk) for disk in vm["disks"]) if vm is not None else ()

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        return {"cpu": cpu, "ram": ram_mib, "ephemeral_disk": ephemeral_disk_mib}

    def _delete(self, operation: str, cid: str) -> None:
        foreign_cids.require_own(cid, what=operation.removeprefix("delete_").replace("vm", "VM"), cloud="local")
        if names.is_cid(cid):
            self._api.call_if_exists(operation, {"cid": cid})
            self._api.end_if_empty(after_landing=False)

    def _known_vm(self, cid: VmCid) -> str:
        if not self.has_vm(cid):
            raise NotFoundError("unknown-vm", f"The local cloud has no VM {cid}.")
        return cid

    def _known_disk(self, cid: DiskCid) -> str:
        if not self.has_disk(cid):
            raise NotFoundError("unknown-disk", f"The local cloud has no disk {cid}.")
        return cid
