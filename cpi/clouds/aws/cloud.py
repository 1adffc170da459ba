"""AWS as a Cloud, Finder, Power and Console: each method builds, sends and reads.

Takes and gives values of cpi.contract.values.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.aws.images import stemcells
from cpi.clouds.aws.images.made_images import MadeImages
from cpi.clouds.aws.images.uploads import Uploads
from cpi.clouds.aws.machines import attachments, disks, vms
from cpi.clouds.aws.machines.attachments import Attachments
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.machines.vm_creation import VmCreation
from cpi.clouds.aws.prices import hourly_prices
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire import names, recently_created, resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig
from cpi.clouds.aws.wire.recently_created import RecentlyCreated
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, TransientError
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

_API_VERSION = 2
_FORMATS = ("aws-light", "aws-raw")


class AwsCloud:
    """Implements Cloud, Finder, Power and Console of cpi.contract.cloud."""

    def __init__(self, api: Api, config: AwsConfig, places: Lookups, *, uploads: Uploads) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._uploads = uploads
        self._made_images = MadeImages(api, config, uploads)
        self._recently_created = RecentlyCreated()
        self._vm_creation = VmCreation(api, config, places=places, recently_created=self._recently_created)
        self._attachments = Attachments(api, self._recently_created)

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
        properties = stemcells.read_stemcell_properties(request, self._config)
        request = replace(request, tags={**request.tags, **properties.tags})
        path = stemcells.path_of(request, properties, self._config)
        if path:
            return self._uploads.create(request, properties, path)
        if request.source is not None and request.source.origin != "image":
            return self._made_images.create(request, request.source, properties)
        version = stemcells.version_of(request, self._config)
        image = self._places.find_image(properties, os=request.os or self._config.default_os, version=version)
        asked = stemcells.write_template(request, image, version=version)
        try:
            made = self._api.change("ec2", "CreateLaunchTemplate", **asked)["LaunchTemplate"]
        except ConflictError as error:
            own = next((one.cid for one in self._stemcells(request.owner)), None)
            if own is None:
                raise error
            return own
        return stemcells.write_cid(made["LaunchTemplateId"], image.id)

    def delete_stemcell(self, cid: StemcellCid) -> None:
        foreign_cids.require_own(cid, what="stemcell", cloud="AWS")
        if names.is_cid(cid, "ami"):
            self._refuse_foreign_image(cid)
        if stemcells.is_made(cid):
            self._made_images.delete(cid)
        template, snapshot = stemcells.template_of(cid), stemcells.snapshot_of(cid)
        if snapshot:
            self._uploads.delete(snapshot, cid.rpartition(":")[2])
        if template:
            self._retry_if_new("DeleteLaunchTemplate", template, LaunchTemplateId=template)

    def create_vm(self, request: VmRequest) -> VmCreated:
        return self._vm_creation.create(request)

    def delete_vm(self, cid: VmCid) -> None:
        foreign_cids.require_own(cid, what="VM", cloud="AWS")
        if names.is_cid(cid, "i"):
            self._vm_creation.prepare_end(cid)
            self._retry_if_new("TerminateInstances", cid, InstanceIds=[cid])

    def has_vm(self, cid: VmCid) -> bool:
        return self._is_there(lambda: self._attachments.instance(cid))

    def reboot_vm(self, cid: VmCid) -> None:
        answer = self._attachments.instance(cid)
        operation = "StartInstances" if answer["State"]["Name"] == "stopped" else "RebootInstances"
        self._api.change("ec2", operation, InstanceIds=[cid])

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        vms.require_vm(cid)
        self._tag(cid, tags)

    def create_disk(self, request: DiskRequest) -> DiskCid:
        properties = disks.read_disk_properties(request.cloud_properties, self._config)
        disks.gib_of(request.size_mib)
        zone = properties.availability_zone or self._zone_of(request.vm_cid)
        asked = disks.write_disk(request, properties, zone=zone, config=self._config)
        try:
            cid = DiskCid(self._api.change("ec2", "CreateVolume", **asked)["VolumeId"])
        except ConflictError as error:
            found = self._volumes(resource_tags.owner_filters(request.owner, names.DISK))
            own = next((one.cid for one in found), None)
            if own is None:
                raise error
            return own
        self._recently_created.made(cid)
        return cid

    def delete_disk(self, cid: DiskCid) -> None:
        foreign_cids.require_own(cid, what="disk", cloud="AWS")
        if not names.is_cid(cid, "vol"):
            return
        try:
            self._retry_if_new("DeleteVolume", cid, VolumeId=cid)
        except ConflictError as error:
            if sdk.code_of(error) == "VolumeInUse":
                self._attachments.refuse_used(cid, self._attachments.volume(cid))
            raise

    def has_disk(self, cid: DiskCid) -> bool:
        return self._is_there(lambda: self._attachments.volume(cid))

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        return self._attachments.attach(vm_cid, disk_cid)

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        self._attachments.detach(vm_cid, disk_cid)

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        answer, gib = self._attachments.volume(cid), disks.gib_of(size_mib)
        self._attachments.refuse_used(cid, answer)
        attachments.refuse_shrinking(cid, answer, gib)
        if gib > int(answer["Size"]):
            self._api.change("ec2", "ModifyVolume", VolumeId=cid, Size=gib)

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        disks.require_disk(cid)
        self._tag(cid, tags)

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        disks.require_disk(cid)
        for found in self._snapshots(resource_tags.owner_filters(owner, names.SNAPSHOT)):
            return found.cid
        try:
            made = self._api.change("ec2", "CreateSnapshot", **disks.write_snapshot(cid, owner, tags))
        except NotFoundError as error:
            raise self._recently_created.retry_if_new(error, cid) from error
        return SnapshotCid(made["SnapshotId"])

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        foreign_cids.require_own(cid, what="snapshot", cloud="AWS")
        if names.is_cid(cid, "snap"):
            self._retry_if_new("DeleteSnapshot", cid, SnapshotId=cid)

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        return vms.read_disks(self._attachments.instance(vm_cid))

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        kind = hourly_prices.cheapest(cpu, ram_mib, architecture=self._config.architecture)
        disk = {"ephemeral_disk": {"size": ephemeral_disk_mib}} if ephemeral_disk_mib else {}
        return {"instance_type": kind, **disk}

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        wanted: sdk.Filters = {**resource_tags.query_filters(query, names.VM), "instance-state-name": vms.LIVING}
        answer = self._api.list_all("DescribeInstances", "Reservations", Filters=filters(wanted), MaxResults=1000)
        found = [vms.read_vm(one) for reservation in answer for one in reservation["Instances"]]
        return tuple(vm for vm in found if vm is not None)

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]:
        return tuple(self._volumes(resource_tags.query_filters(query, names.DISK)))

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]:
        return (*self._templates(resource_tags.query_filters(query, names.STEMCELL)), *self._uploads.find(query))

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]:
        return tuple(self._snapshots(resource_tags.query_filters(query, names.SNAPSHOT)))

    def stop_vm(self, cid: VmCid) -> None:
        self._attachments.instance(cid)
        self._api.change("ec2", "StopInstances", InstanceIds=[cid])

    def start_vm(self, cid: VmCid) -> None:
        self._attachments.instance(cid)
        self._api.change("ec2", "StartInstances", InstanceIds=[cid])

    def console_log(self, cid: VmCid) -> str:
        ended = vms.end_of(self._attachments.record(cid))
        if ended:
            return ended
        answer = self._api.read("ec2", "GetConsoleOutput", InstanceId=cid)
        return str(answer.get("Output", ""))

    def _refuse_foreign_image(self, cid: StemcellCid) -> None:
        """One that BOSH's CPI registered; a light one ("ami-x light") is somebody else's, and nothing of it goes."""
        try:
            there = self._api.read("ec2", "DescribeImages", ImageIds=[cid])["Images"]
        except NotFoundError:
            return
        if there:
            raise foreign_cids.refuse(cid, what="stemcell", why="BOSH's AWS CPI registered that image.")

    def _is_there(self, look: Callable[[], object]) -> bool:
        """What AWS does not show yet was made, so it is there."""
        try:
            look()
        except NotFoundError:
            return False
        except TransientError as error:
            if error.code != recently_created.NOT_VISIBLE:
                raise
        return True

    def _retry_if_new(self, operation: str, cid: str, **parameters: Any) -> None:
        """Delete; absent before is success, unless it is so new that AWS may not know it yet."""
        try:
            self._api.change("ec2", operation, **parameters)
        except NotFoundError as error:
            excused = self._recently_created.retry_if_new(error, cid)
            if excused is not error:
                raise excused from error
        self._recently_created.seen(cid)

    def _tag(self, cid: str, tags: Mapping[str, str]) -> None:
        resource_tags.check_others(tags)
        try:
            self._api.change("ec2", "CreateTags", Resources=[cid], Tags=resource_tags.aws_tags(tags))
        except NotFoundError as error:
            raise self._recently_created.retry_if_new(error, cid) from error

    def _zone_of(self, vm_cid: VmCid | None) -> str:
        if vm_cid is None:
            return self._config.zone_names()[0]
        zone = self._attachments.instance(vm_cid).get("Placement", {}).get("AvailabilityZone", "")
        if not zone:
            raise CloudError("vm-without-zone", f"AWS does not report the availability zone of VM '{vm_cid}'.")
        return str(zone)

    def _volumes(self, wanted: Mapping[str, str]) -> Iterator[FoundDisk]:
        for answer in self._api.list_all("DescribeVolumes", "Volumes", Filters=filters(wanted), MaxResults=500):
            found = disks.read_disk(answer)
            if found is not None and not disks.is_gone(answer):
                yield found

    def _snapshots(self, wanted: Mapping[str, str]) -> Iterator[FoundSnapshot]:
        for answer in self._api.list_all("DescribeSnapshots", "Snapshots", OwnerIds=["self"], Filters=filters(wanted)):
            found = disks.read_snapshot(answer)
            if found is not None:
                yield found

    def _stemcells(self, owner: OwnerKey) -> Iterator[FoundStemcell]:
        return self._templates(resource_tags.owner_filters(owner, names.STEMCELL))

    def _templates(self, wanted: Mapping[str, str]) -> Iterator[FoundStemcell]:
        for answer in self._api.list_all("DescribeLaunchTemplates", "LaunchTemplates", Filters=filters(wanted)):
            found = stemcells.read_stemcell(answer)
            if found is not None:
                yield found
