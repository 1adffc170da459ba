"""BOSH's CPI v2 on Azure: a method builds, sends and reads.

Takes and gives values of cpi.contract.values. Names follow from the owner's action,
so a second call finds what the first made.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.images.managed_images import ManagedImages
from cpi.clouds.azure.images.uploads import Uploads
from cpi.clouds.azure.machines import disks, leftovers, load_balancers, networks, vms
from cpi.clouds.azure.machines.load_balancers import Balancers
from cpi.clouds.azure.prices import hourly_prices
from cpi.clouds.azure.wire import cids, config, names, ownership, resource_tags, underway
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import ConflictError, NotFoundError, NotSupportedError
from cpi.contract.values import (
    NO_TAGS,
    CloudInfo,
    DiskCid,
    DiskRequest,
    JsonValue,
    NetworkSettings,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit import judge, network_interfaces, tags

Json = Mapping[str, Any]
_MOST_NICS = 8


class AzureCloud:
    """A method stops where an operation is under way (Underway), and is called again once it ended.

    Called again it finds earlier resources by their names, and continues.
    """

    def __init__(
        self, api: Api, settings: config.AzureConfig, places: ResourcePaths, *, environment: str, uploads: Uploads
    ) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self._uploads = uploads
        self._balancers = Balancers(api, places)
        self._gateways = Balancers(api, places, load_balancers.GATEWAY)
        self._environment = environment

    def info(self) -> CloudInfo:
        os, version, architecture = stemcells.describe_default(self._settings)
        return CloudInfo(
            api_version=2,
            stemcell_formats=("azure-light", "azure-vhd"),
            default_os=os,
            default_version=version,
            architecture=architecture,
            has_arm_sizes=True,
        )

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        properties = stemcells.read_stemcell(request)
        disk = stemcells.path_of(request, properties, self._settings)
        if disk:
            return self._uploads.create(request, properties, disk)
        source = request.source
        if source is not None and source.origin != "image":
            return ManagedImages(self._api, self._settings, self._places).create(request, source)
        name = names.name_of(request.owner, "stemcell")
        path = self._places.path(names.SET, name)
        there = self._api.get(path)
        if there is not None:
            found = stemcells.read_found(ownership.require_same(there, request.owner))
            assert found is not None
            return found.cid
        image = stemcells.image_of(properties, self._settings, source)
        architecture = str(properties.architecture or "x86_64") if source else "x86_64"
        if not image.id:
            image, architecture = self._look_up(image)
        self._api.put(
            path,
            stemcells.render_stemcell(request, image, architecture=architecture, location=self._settings.location),
        )
        return stemcells.cid_of(name, image)

    def delete_stemcell(self, cid: StemcellCid) -> None:
        with contextlib.suppress(NotFoundError):
            name, image = stemcells.read_cid(cid)
            if self._uploads.is_own(name, image):
                self._uploads.delete(name, self._environment)
            else:
                self._delete_own(self._places.path(names.SET, name))

    def create_vm(self, request: VmRequest) -> VmCreated:
        found = vms.read_properties(request, self._settings)
        name = names.name_of(request.owner, "vm")
        vm = self._api.get(self._places.path(names.VM, name))
        if vm is not None and names.has_failed(ownership.require_same(vm, request.owner)):
            self.delete_vm(VmCid(name))
            vm = None
        if vm is None:
            with underway.leaving(f"vm/{name}"):
                vm = self._make_vm(request, found, name)
        for disk_cid in request.disk_cids:
            self.attach_disk(VmCid(name), disk_cid)
        return self._created(request, vm)

    def delete_vm(self, cid: VmCid) -> None:
        path = cids.path_of(cid, "VM", self._places)
        vm = self._api.get(path)
        if vm is not None:
            ownership.require(vm, self._environment)
            self._api.delete(path)
        name = cids.read(cid, "VM").name
        self._delete_nics(VmCid(name))
        self._delete_own(self._places.path(names.ADDRESS, networks.own_address_name(name)))

    def has_vm(self, cid: VmCid) -> bool:
        return self._api.get(cids.path_of(cid, "VM", self._places)) is not None

    def reboot_vm(self, cid: VmCid) -> None:
        self._need_vm(cid)
        self._api.post(f"{cids.path_of(cid, 'VM', self._places)}/restart")

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        self._retag(cids.path_of(cid, "VM", self._places), self._need_vm(cid), tags)

    def create_disk(self, request: DiskRequest) -> DiskCid:
        name = names.name_of(request.owner, "disk")
        path = self._places.path(names.DISK, name)
        disks.size_gib(request.size_mib)
        if not self._is_whole(path, request.owner):
            zones = list(self._need_vm(request.vm_cid).get("zones") or []) if request.vm_cid else None
            body = disks.render_disk(request, self._places, zones=zones)
            with underway.leaving(f"disk/{name}"):
                self._api.put(path, body)
        return DiskCid(name)

    def delete_disk(self, cid: DiskCid) -> None:
        path = cids.path_of(cid, "disk", self._places)
        disk = self._api.get(path)
        if disk is None:
            return
        ownership.require(disk, self._environment)
        self._refuse_attached(disk)
        self._api.delete(path)

    def has_disk(self, cid: DiskCid) -> bool:
        return self._api.get(cids.path_of(cid, "disk", self._places)) is not None

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        vm, disk = self._need_vm(vm_cid), self._need_disk(disk_cid)
        there = vms.lun_of(vm, cids.read(disk_cid, "disk").name)
        if there is not None:
            return vms.hint(there)
        self._refuse_attached(disk)
        entries = vms.render_data_disks(vm)
        lun = vms.free_lun(entries)
        entries.append(disks.render_attachment(disk, lun))
        self._api.patch(cids.path_of(vm_cid, "VM", self._places), vms.render_disks_patch(entries))
        return vms.hint(lun)

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        path, disk = cids.path_of(vm_cid, "VM", self._places), cids.read(disk_cid, "disk")
        vm = self._api.get(path)
        lun = vms.lun_of(vm, disk.name) if vm is not None else None
        if vm is None or lun is None:
            return
        ownership.require(vm, self._environment)
        entries = [entry for entry in vms.render_data_disks(vm) if entry["lun"] != lun]
        self._api.patch(path, vms.render_disks_patch(entries))

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        disk = self._need_disk(cid)
        self._refuse_attached(disk)
        if disks.size_gib(size_mib) * 1024 == disks.read_size_mib(disk):
            return
        if disks.size_gib(size_mib) * 1024 < disks.read_size_mib(disk):
            raise NotSupportedError(
                "disk-cannot-shrink", f"Disk '{cid}' already has {disks.read_size_mib(disk)} MiB and cannot shrink."
            )
        self._api.patch(
            cids.path_of(cid, "disk", self._places), {"properties": {"diskSizeGB": disks.size_gib(size_mib)}}
        )

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        self._retag(cids.path_of(cid, "disk", self._places), self._need_disk(cid), tags)

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        name = names.name_of(owner, "snapshot")
        path = self._places.path(names.SNAPSHOT, name)
        if not self._is_whole(path, owner):
            body = disks.render_snapshot(self._need_disk(cid), owner, tags)
            with underway.leaving(f"snapshot/{name}"):
                self._api.put(path, body)
        return SnapshotCid(name)

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        self._delete_own(cids.path_of(cid, "snapshot", self._places))

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        return vms.read_disks(self._need_vm(vm_cid))

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        size = hourly_prices.cheapest(cpu, ram_mib)
        return {"instance_type": size, "ephemeral_disk": {"use_root_disk": True, "size": max(1, ephemeral_disk_mib)}}

    def _is_whole(self, path: str, owner: OwnerKey) -> bool:
        """Whether the owner's own is there; one whose making failed is deleted, for it would never be of use."""
        there = self._api.get(path)
        if there is None or not names.has_failed(ownership.require_same(there, owner)):
            return there is not None
        self._api.delete(path)
        return False

    def _make_vm(self, request: VmRequest, found: config.VmProperties, name: str) -> Json:
        _, image = stemcells.read_cid(request.stemcell_cid)
        interfaces = self._interface_requests(request, found, name)
        made = [self._make_nic(request, found, requested) for requested in interfaces]
        if found.assign_dynamic_public_ip and not interfaces[0].public_id:
            self._give_own_address(request, found, interfaces[0], of=name)
        parts = vms.AzureVmParts(
            nic_ids=[str(nic["id"]) for nic in made], image=image, set_id=self._make_set(request, found)
        )
        body = vms.render_vm(request, self._settings, parts, places=self._places)
        return self._api.put(self._places.path(names.VM, name), body)

    def _give_own_address(
        self, request: VmRequest, found: config.VmProperties, requested: networks.InterfaceRequest, *, of: str
    ) -> None:
        """The interface exists before the address, so that a VM which is left half made is found by it."""
        path = self._places.path(names.ADDRESS, networks.own_address_name(of))
        if not self._is_whole(path, request.owner):
            zones = vms.zones_of(found) or self._settings.zones
            self._api.put(path, networks.render_own_address(request, self._settings, zones=zones))
        nic_path = self._places.path(names.NIC, requested.name)
        nic = ownership.need(self._api.get(nic_path), "interface")
        if not networks.read_public_id(nic):
            with_address = replace(requested, public_id=path)
            self._api.put(nic_path, networks.render_nic(with_address, request, self._settings, places=self._places))

    def _look_up(self, image: stemcells.ImageReference) -> tuple[stemcells.ImageReference, str]:
        """The image in a version that exists, and its architecture."""
        path = stemcells.versions_path(image, self._places)
        if stemcells.is_latest(image):
            image = stemcells.pinned(image, stemcells.newest(self._api.list(path), image))
        found = self._api.get(f"{path}/{image.words[3]}")
        if found is None:
            raise stemcells.missing(image)
        return image, stemcells.read_architecture(found)

    def _interface_requests(
        self, request: VmRequest, properties: config.VmProperties, name: str
    ) -> list[networks.InterfaceRequest]:
        """The interfaces to make; looks up the public address, the load balancers and the subnets."""
        judge.require(network_interfaces.findings([request], networks.INTERFACES))
        inner, public = networks.split(request)
        pools = self._balancers.pool_ids(properties.load_balancer)
        nat_rules = self._balancers.nat_rule_ids(properties.load_balancer_nat_rules)
        gateway_pools = self._gateways.pool_ids(properties.application_gateway)
        interface_requests = []
        for number, interface in enumerate(inner):
            subnet_id, found = networks.placed(interface, self._places)
            subnet = ownership.need(self._api.get(subnet_id), f"subnet '{names.last(subnet_id)}'")
            for network in interface.networks:
                networks.check_address(request.name, network, subnet)
            if found.virtual_network_name:
                wide = ownership.need(self._api.get(networks.network_path(subnet_id)), "its network")
                networks.check_location(wide, self._settings.location)
            public_id = self._public_id(public) if public and number == 0 else ""
            interface_requests.append(
                networks.InterfaceRequest(
                    name=networks.nic_name(name, number),
                    interface=interface,
                    subnet_id=str(subnet["id"]),
                    found=found,
                    public_id=public_id,
                    pool_ids=pools if number == 0 else (),
                    nat_rule_ids=nat_rules if number == 0 else (),
                    gateway_pool_ids=gateway_pools if number == 0 else (),
                )
            )
        return interface_requests

    def _public_id(self, network: NetworkSettings) -> str:
        found = networks.read_public(network)
        addresses = self._api.list(self._places.path(names.ADDRESS, group=found.resource_group_name or ""))
        return str(networks.find_public(addresses, network)["id"])

    def _make_nic(self, request: VmRequest, found: config.VmProperties, requested: networks.InterfaceRequest) -> Json:
        path = self._places.path(names.NIC, requested.name)
        there = self._api.get(path)
        if there is not None and not names.has_failed(ownership.require_same(there, request.owner)):
            return there
        body = networks.render_nic(requested, request, self._settings, places=self._places)
        try:
            return self._api.put(path, body)
        except ConflictError:
            # A stray that no list shows any more may have gone after the refusal: the plan deletes strays meanwhile.
            leftovers.delete_in_the_way(self._api, self._places, self._environment, of=requested)
            return self._api.put(path, body)

    def _make_set(self, request: VmRequest, found: config.VmProperties) -> str:
        """The availability set's id; made where it is not there, "" without one."""
        name = vms.set_name(found)
        if not name:
            return ""
        path = self._places.path(names.SET, name)
        if self._api.get(path) is None:
            counts = vms.set_counts(found)
            properties = {
                "platformUpdateDomainCount": counts.platform_update_domain_count,
                "platformFaultDomainCount": counts.platform_fault_domain_count,
            }
            body = {
                "location": self._settings.location,
                "tags": tags.tags_of(request.owner),
                "sku": {"name": "Aligned"},
                "properties": properties,
            }
            self._api.put(path, body)
        return path

    def _created(self, request: VmRequest, vm: Json) -> VmCreated:
        """The requested networks, with the addresses of the interfaces."""
        inner, public = networks.split(request)
        known = [ownership.need(self._api.get(nic), "interface") for nic in vms.read_nic_ids(vm)]
        filled = {
            one.name: replace(one, ip=networks.address_of(nic, one))
            for interface, nic in zip(inner, known, strict=True)
            for one in interface.networks
        }
        if public:
            filled[public.name] = public
        whole = tuple(filled[network.name] for network in request.networks)
        return VmCreated(cid=VmCid(names.name_of(request.owner, "vm")), networks=whole)

    def _delete_nics(self, cid: VmCid) -> None:
        """Delete the NICs of a VM whose creation failed. NIC 0 is deleted last because the lookup starts from it."""
        paths = []
        for number in range(_MOST_NICS):
            path = self._places.path(names.NIC, networks.nic_name(cid, number))
            nic = self._api.get(path)
            if nic is None:
                break
            ownership.require(nic, self._environment)
            paths.append(path)
        for path in reversed(paths):
            self._api.delete(path)

    def _need_vm(self, cid: VmCid) -> Json:
        found = ownership.need(self._api.get(cids.path_of(cid, "VM", self._places)), f"VM '{cid}'")
        return ownership.require(found, self._environment)

    def _need_disk(self, cid: DiskCid) -> Json:
        found = ownership.need(self._api.get(cids.path_of(cid, "disk", self._places)), f"disk '{cid}'")
        return ownership.require(found, self._environment)

    def _refuse_attached(self, disk: Json) -> None:
        if disk.get("managedBy"):
            vm = names.last(str(disk["managedBy"]))
            raise ConflictError("disk-attached", f"Disk '{disk['name']}' is attached to VM '{vm}'.")

    def _delete_own(self, path: str) -> None:
        found = self._api.get(path)
        if found is not None:
            ownership.require(found, self._environment)
            self._api.delete(path)

    def _retag(self, path: str, resource: Json, more: Mapping[str, str]) -> None:
        present = dict(resource.get("tags") or {})
        renewed = {name: value for name, value in names.tags_of(dict(more)).items() if name not in tags.OWNER_TAGS}
        wanted = resource_tags.merge(present, renewed)
        if wanted != present:
            self._api.patch(path, {"tags": wanted})
