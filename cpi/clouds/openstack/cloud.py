"""OpenStack as a Cloud, Finder, Power and Console: each method builds, sends and reads.

Takes and gives values of cpi.contract.values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.images.images import Images
from cpi.clouds.openstack.images.sourced_images import SourcedImages
from cpi.clouds.openstack.machines import disks, leftovers, vms
from cpi.clouds.openstack.machines.attachments import Attachments
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.machines.vm_creation import ServerCreation
from cpi.clouds.openstack.wire import names, refusals
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import DiskProperties, OpenStackConfig, read_properties
from cpi.contract.errors import CloudError, ConflictError, NotFoundError
from cpi.contract.values import (
    NO_TAGS,
    CloudInfo,
    DiskCid,
    DiskRequest,
    FoundDisk,
    FoundSnapshot,
    FoundStemcell,
    FoundVm,
    JsonValue,
    OwnerKey,
    OwnerQuery,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit import foreign_cids
from cpi.kit import tags as owner_tags

_API_VERSION = 2
_FORMATS = ("openstack-light", "openstack-raw", "openstack-qcow2")
_CONSOLE_LINES = 200


class OpenStackCloud:
    """Implements Cloud, Finder, Power and Console of cpi.contract.cloud."""

    def __init__(
        self, api: Api, config: OpenStackConfig, places: Lookups, *, images: Images, sourced: SourcedImages
    ) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._server_creation = ServerCreation(api, config, places)
        self._attachments = Attachments(api)
        self._images = images
        self._sourced = sourced

    def info(self) -> CloudInfo:
        usual = self._config.stemcell()
        return CloudInfo(
            api_version=_API_VERSION,
            stemcell_formats=_FORMATS,
            default_os=usual.os,
            default_version=usual.version,
            architecture=self._config.architecture,
        )

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        request = replace(request, tags={**self._api.tags, **request.tags})
        if request.source is not None and request.source.origin != "image":
            return self._sourced.create(request, request.source)
        return self._images.create(request)

    def delete_stemcell(self, cid: StemcellCid) -> None:
        foreign_cids.require_own(cid, what="stemcell", cloud="OpenStack")
        if record := stemcells.record_of(cid):
            self._api.delete("image", f"/images/{record}")
        elif names.is_id(cid):
            self._images.refuse_foreign(cid)

    def create_vm(self, request: VmRequest) -> VmCreated:
        return self._server_creation.create(replace(request, tags={**self._api.tags, **request.tags}))

    def delete_vm(self, cid: VmCid) -> None:
        foreign_cids.require_own(cid, what="VM", cloud="OpenStack")
        if leftovers.is_port(cid):
            leftovers.delete(self._api, cid)
        elif names.is_id(cid):
            self._server_creation.delete(cid)

    def has_vm(self, cid: VmCid) -> bool:
        try:
            self._attachments.server(cid)
        except NotFoundError:
            return False
        return True

    def reboot_vm(self, cid: VmCid) -> None:
        vms.require_built(self._attachments.server(cid))
        self._act(cid, {"reboot": {"type": "HARD"}})

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        vms.require_built(self._attachments.server(cid))
        self._api.post("compute", f"/servers/{cid}/metadata", {"metadata": vms.write_tags(tags)})

    def create_disk(self, request: DiskRequest) -> DiskCid:
        properties = read_properties(DiskProperties, request.cloud_properties, where="a disk")
        disks.gib_of(request.size_mib)
        name = names.name_of(request.owner)
        for answer in self._volumes(name=name):
            if vms.owner_of(answer) == request.owner and disks.is_alive(answer):
                return DiskCid(answer["id"])
        zone = properties.availability_zone or self._zone_of(request.vm_cid)
        tagged = replace(request, tags={**self._api.tags, **request.tags})
        body = disks.write_volume(tagged, properties, zone=zone, config=self._config)
        return DiskCid(self._api.post("volume", "/volumes", body)["volume"]["id"])

    def delete_disk(self, cid: DiskCid) -> None:
        try:
            answer = self._attachments.volume(cid)
        except NotFoundError:
            return
        if not answer["status"].startswith("error"):
            self._attachments.require_free(answer, "deleted")
        self._refuse_snapshots(cid)
        self._api.delete("volume", f"/volumes/{cid}")

    def has_disk(self, cid: DiskCid) -> bool:
        try:
            self._attachments.volume(cid)
        except NotFoundError:
            return False
        return True

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        return self._attachments.attach(vm_cid, disk_cid)

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        self._attachments.detach(vm_cid, disk_cid)

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        answer = self._attachments.volume(cid)
        disks.require_growth(answer, size_mib)
        self._attachments.require_free(answer, "resized")
        wanted = disks.gib_of(size_mib)
        if int(answer["size"]) == wanted:
            return
        self._api.post("volume", f"/volumes/{cid}/action", {"os-extend": {"new_size": wanted}})
        if int(self._attachments.volume(cid)["size"]) != wanted:
            raise refusals.not_ready(f"Disk {cid}", "Cinder is still extending it.")

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        self._attachments.volume(cid)
        self._api.post("volume", f"/volumes/{cid}/metadata", {"metadata": vms.write_tags(tags)})

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        disks.require_still_there(self._attachments.volume(cid))
        for answer in self._snapshots(name=names.name_of(owner)):
            if vms.owner_of(answer) == owner and disks.is_alive(answer):
                return SnapshotCid(answer["id"])
        answer = self._api.post("volume", "/snapshots", disks.write_snapshot(cid, owner, {**self._api.tags, **tags}))
        return SnapshotCid(answer["snapshot"]["id"])

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        foreign_cids.require_own(cid, what="snapshot", cloud="OpenStack")
        if not names.is_id(cid):
            return
        try:
            answer = self._api.read("volume", f"/snapshots/{cid}")["snapshot"]
        except NotFoundError:
            return
        if answer["status"] == "creating":
            raise refusals.not_ready(f"Snapshot {cid}", "Cinder is still creating it.")
        if disks.is_alive(answer):
            self._api.delete("volume", f"/snapshots/{cid}")

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        return vms.read_disks(self._attachments.server(vm_cid))

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        flavors = self._places.flavors()
        name = vms.smallest_flavor(flavors, cpu=cpu, ram_mib=ram_mib, disk_mib=ephemeral_disk_mib)
        return {"instance_type": name}

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        servers = list(self._servers())
        ports = self._api.list_all("network", "/ports", "ports", project_id=self._api.project())
        left = leftovers.read_vms(ports, servers)
        found = (*map(vms.read_vm, servers), *left)
        return tuple(vm for vm in found if vm is not None and owner_tags.is_asked_for(vm.owner, query))

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]:
        answer = list(self._volumes())
        alive = [server for server in self._servers() if vms.is_alive(server)]
        holders = {str(disk): VmCid(server["id"]) for server in alive for disk in vms.read_disks(server)}
        found = (disks.read_disk(each, holders) for each in answer)
        return tuple(disk for disk in found if disk is not None and owner_tags.is_asked_for(disk.owner, query))

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]:
        found = (stemcells.read_stemcell(answer) for answer in self._images.of_environment(query.environment))
        return tuple(one for one in found if one is not None and owner_tags.is_asked_for(one.owner, query))

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]:
        found = (disks.read_snapshot(answer) for answer in self._snapshots())
        return tuple(one for one in found if one is not None and owner_tags.is_asked_for(one.owner, query))

    def stop_vm(self, cid: VmCid) -> None:
        answer = self._attachments.server(cid)
        vms.require_built(answer)
        if answer["status"] != "SHUTOFF":
            self._act(cid, {"os-stop": None})

    def start_vm(self, cid: VmCid) -> None:
        answer = self._attachments.server(cid)
        vms.require_built(answer)
        if answer["status"] != "ACTIVE" or answer.get("OS-EXT-STS:task_state") == "powering-off":
            self._act(cid, {"os-start": None})

    def console_log(self, cid: VmCid) -> str:
        answer = self._attachments.server(cid)
        failure = vms.failure_of(answer)
        if failure is not None:
            return f"{failure.what} {failure.why}"
        if answer["status"] == "BUILD":
            return ""
        action = {"os-getConsoleOutput": {"length": _CONSOLE_LINES}}
        return str(self._api.post("compute", f"/servers/{cid}/action", action).get("output", ""))

    def _act(self, cid: VmCid, action: Mapping[str, Any]) -> None:
        self._api.post("compute", f"/servers/{cid}/action", action)

    def _zone_of(self, cid: VmCid | None) -> str:
        """A disk is made where its VM is, unless the settings say otherwise."""
        if cid is None or self._config.ignore_server_availability_zone:
            return ""
        return str(self._attachments.server(cid).get("OS-EXT-AZ:availability_zone") or "")

    def _refuse_snapshots(self, cid: DiskCid) -> None:
        for answer in self._snapshots(volume_id=cid):
            if disks.is_alive(answer):
                raise ConflictError(
                    "disk-has-snapshots",
                    f"Disk {cid} cannot be deleted: it has snapshots.",
                    why=f"Snapshot {answer['id']} belongs to it.",
                    fix="Delete its snapshots first.",
                )
            raise _still_leaving(cid)

    def _servers(self) -> Iterator[Any]:
        return self._api.list_all("compute", "/servers/detail", "servers")

    def _volumes(self, **query: str) -> Iterator[Any]:
        return self._api.list_all("volume", "/volumes/detail", "volumes", **query)

    def _snapshots(self, **query: str) -> Iterator[Any]:
        return self._api.list_all("volume", "/snapshots/detail", "snapshots", **query)


def _still_leaving(cid: DiskCid) -> CloudError:
    return refusals.not_ready(f"Disk {cid}", "Cinder is still deleting a snapshot of it.")
