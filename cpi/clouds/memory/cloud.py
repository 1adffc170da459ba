"""The reference cloud, whole, in memory: every rule of a real one, and failures on demand.

Takes rules and conditions, gives a Cloud with FIND, POWER and CONSOLE. Deterministic: CIDs count up, time and chance
come from outside.
"""

from collections.abc import Mapping
from dataclasses import replace

from cpi.clouds.memory import account, addresses, checks, image_sources, quotas, rules
from cpi.clouds.memory.calls import CallGate, Conditions
from cpi.clouds.memory.resources import HeldDisk, HeldVm, MemoryInventory, MemoryResources
from cpi.contract.errors import CloudError, ConflictError, NotSupportedError
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
    VmState,
)
from cpi.kit import judge
from cpi.kit import tags as owner_tags


class MemoryCloud:
    """Implements Cloud, Finder, Power and Console of cpi.contract.cloud; the rest is in other files."""

    def __init__(
        self,
        rule: rules.Rules | None = None,
        conditions: Conditions | None = None,
        *,
        tags: Mapping[str, str] = NO_TAGS,
    ) -> None:
        """`tags` are the environment's. Raises CloudError: tag-name-reserved, too-many-tags and its siblings."""
        self.rules = rule or rules.Rules()
        owner_tags.check_environment_tags(tags)
        rules.check_tags(self.rules, tags)
        self.tags = tags
        self.gate = CallGate(conditions or Conditions(), self._refuse)
        self.resources = MemoryResources()

    def inventory(self) -> MemoryInventory:
        """Everything the cloud has, without a call: for leak checks."""
        return self.resources.inventory()

    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """The tags of everything that it has, by CID."""
        whole = self.inventory()
        found: dict[str, Mapping[str, str]] = {vm.created.cid: vm.tags for vm in whole.vms}
        found |= {one.cid: one.tags for one in whole.disks} | {one.cid: one.tags for one in whole.snapshots}
        rest = {cid: self.resources.labels[cid] for cid in (*self.resources.stemcells, *self.resources.landing)}
        return {**found, **rest}

    def info(self) -> CloudInfo:
        with self.gate.call("info"):
            image = self.rules.images["default"]
            return CloudInfo(
                api_version=2,
                stemcell_formats=("memory-light",),
                default_os=image.os,
                default_version=image.version,
                architecture=image.architecture,
            )

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        with self.gate.call("create_stemcell", request.owner.action):
            for found in self.resources.stemcells.values():
                if found.owner == request.owner:
                    return found.cid
            image = rules.check_image(self.rules, request)
            if request.source is not None:
                image_sources.require(self.rules, self.resources, request.source)
            quotas.check_quota(self.rules, self.resources, {"stemcells": 1})
            cid = StemcellCid(self.resources.next_cid("stemcell"))
            self.resources.labels[cid] = {**self.tags, **request.tags}
            self.resources.stemcells[cid] = FoundStemcell(
                cid=cid,
                owner=request.owner,
                os=request.os or image.os,
                version=request.version or image.version,
                architecture=image.architecture,
            )
            return cid

    def delete_stemcell(self, cid: StemcellCid) -> None:
        with self.gate.call("delete_stemcell", cid):
            self.resources.stemcells.pop(cid, None)

    def create_vm(self, request: VmRequest) -> VmCreated:
        with self.gate.call("create_vm", request.owner.action):
            for held in self.resources.vms.values():
                if held.found.owner == request.owner:
                    return held.found.created
            request = replace(request, tags={**self.tags, **request.tags})
            size = self._check_vm(request)
            networks = addresses.settle_addresses(self.resources, self.rules, request.networks, vm=request.name)
            cid = VmCid(self.resources.next_cid("vm"))
            created = VmCreated(cid=cid, networks=networks, host_key=f"ssh-ed25519 {cid}")
            found = FoundVm(created=created, owner=request.owner, state=VmState.RUNNING, tags=dict(request.tags))
            zone = _zone(request.cloud_properties)
            self.resources.vms[cid] = HeldVm(found=found, request=request, size=size, zone=zone)
            for disk_cid in request.disk_cids:
                self._attach(cid, disk_cid)
            return created

    def delete_vm(self, cid: VmCid) -> None:
        with self.gate.call("delete_vm", cid):
            if cid in self.resources.vms:
                self.resources.drop_vm(cid)

    def has_vm(self, cid: VmCid) -> bool:
        with self.gate.call("has_vm", cid):
            return cid in self.resources.vms

    def reboot_vm(self, cid: VmCid) -> None:
        with self.gate.call("reboot_vm", cid):
            self._set_power(cid, VmState.RUNNING)

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        with self.gate.call("set_vm_metadata", cid):
            held = self.resources.vm(cid)
            merged = {**held.found.tags, **tags}
            rules.check_tags(self.rules, merged)
            self.resources.vms[cid] = replace(held, found=replace(held.found, tags=merged))

    def create_disk(self, request: DiskRequest) -> DiskCid:
        with self.gate.call("create_disk", request.owner.action):
            for held in self.resources.disks.values():
                if held.found.owner == request.owner:
                    return held.found.cid
            request = replace(request, tags={**self.tags, **request.tags})
            for check in checks.disk_checks(self.rules, request):
                check()
            rules.check_tags(self.rules, request.tags)
            quotas.check_quota(self.rules, self.resources, {"disks": 1, "disks-mib": request.size_mib})
            zone = self.resources.vm(request.vm_cid).zone if request.vm_cid else _zone(request.cloud_properties)
            cid = DiskCid(self.resources.next_cid("disk"))
            found = FoundDisk(cid=cid, owner=request.owner, size_mib=request.size_mib, tags=dict(request.tags))
            self.resources.disks[cid] = HeldDisk(found=found, zone=zone)
            return cid

    def delete_disk(self, cid: DiskCid) -> None:
        with self.gate.call("delete_disk", cid):
            held = self.resources.disks.get(cid)
            if held and held.found.vm_cid:
                raise ConflictError("disk-attached", f"Disk '{cid}' is attached to VM '{held.found.vm_cid}'.")
            self.resources.disks.pop(cid, None)

    def has_disk(self, cid: DiskCid) -> bool:
        with self.gate.call("has_disk", cid):
            return cid in self.resources.disks

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        with self.gate.call("attach_disk", disk_cid):
            self._attach(vm_cid, disk_cid)
            return f"/dev/disk/by-id/{disk_cid}"

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        with self.gate.call("detach_disk", disk_cid):
            if vm_cid not in self.resources.vms or disk_cid not in self.resources.vms[vm_cid].found.disk_cids:
                return
            if self.resources.disk(disk_cid).is_mounted:
                raise ConflictError("disk-mounted", f"Disk '{disk_cid}' is mounted on VM '{vm_cid}'.")
            self.resources.detach(vm_cid, disk_cid)

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        with self.gate.call("resize_disk", cid):
            held = self.resources.disk(cid)
            if held.found.vm_cid:
                raise ConflictError("disk-attached", f"Disk '{cid}' is attached to VM '{held.found.vm_cid}'.")
            if size_mib < held.found.size_mib:
                raise NotSupportedError("disk-cannot-shrink", f"Disk '{cid}' has {held.found.size_mib} MiB already.")
            rules.check_disk_size(self.rules, size_mib)
            quotas.check_quota(self.rules, self.resources, {"disks-mib": size_mib - held.found.size_mib})
            self.resources.disks[cid] = replace(held, found=replace(held.found, size_mib=size_mib))

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        with self.gate.call("set_disk_metadata", cid):
            held = self.resources.disk(cid)
            merged = {**held.found.tags, **tags}
            rules.check_tags(self.rules, merged)
            self.resources.disks[cid] = replace(held, found=replace(held.found, tags=merged))

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        with self.gate.call("snapshot_disk", owner.action):
            for found in self.resources.snapshots.values():
                if found.owner == owner:
                    return found.cid
            self.resources.disk(cid)
            snapshot = SnapshotCid(self.resources.next_cid("snapshot"))
            whole = {**self.tags, **tags}
            rules.check_tags(self.rules, whole)
            self.resources.snapshots[snapshot] = FoundSnapshot(cid=snapshot, owner=owner, disk_cid=cid, tags=whole)
            return snapshot

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        with self.gate.call("delete_snapshot", cid):
            self.resources.snapshots.pop(cid, None)

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        with self.gate.call("get_disks", vm_cid):
            return self.resources.vm(vm_cid).found.disk_cids

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        with self.gate.call("calculate_vm_cloud_properties"):
            known = (
                judge.Capacity(name=name, cpus=size.cpu, ram_mib=size.ram_mib, rank=(size.cpu, size.ram_mib))
                for name, size in self.rules.sizes.items()
            )
            return {"instance_type": judge.smallest(known, cpus=cpu, ram_mib=ram_mib)}

    def find_vms(self, query: OwnerQuery) -> tuple[FoundVm, ...]:
        with self.gate.call("find_vms"):
            return tuple(vm for vm in self.inventory().vms if owner_tags.is_asked_for(vm.owner, query))

    def find_disks(self, query: OwnerQuery) -> tuple[FoundDisk, ...]:
        with self.gate.call("find_disks"):
            return tuple(disk for disk in self.inventory().disks if owner_tags.is_asked_for(disk.owner, query))

    def find_stemcells(self, query: OwnerQuery) -> tuple[FoundStemcell, ...]:
        with self.gate.call("find_stemcells"):
            return tuple(found for found in self.inventory().stemcells if owner_tags.is_asked_for(found.owner, query))

    def find_snapshots(self, query: OwnerQuery) -> tuple[FoundSnapshot, ...]:
        with self.gate.call("find_snapshots"):
            return tuple(found for found in self.inventory().snapshots if owner_tags.is_asked_for(found.owner, query))

    def stop_vm(self, cid: VmCid) -> None:
        with self.gate.call("stop_vm", cid):
            self._set_power(cid, VmState.STOPPED)

    def start_vm(self, cid: VmCid) -> None:
        with self.gate.call("start_vm", cid):
            self._set_power(cid, VmState.RUNNING)

    def console_log(self, cid: VmCid) -> str:
        with self.gate.call("console_log", cid):
            return f"{self.resources.vm(cid).request.name} booted\nlogin:\n"

    def vanish_vm(self, cid: VmCid) -> None:
        """Lose a VM as clouds do: no call, no word. Its disks stay."""
        self.resources.drop_vm(cid)

    def set_mounted(self, cid: DiskCid, *, is_mounted: bool) -> None:
        """What the VM's agent did with a disk, as reported by the test's agent."""
        self.resources.disks[cid] = replace(self.resources.disk(cid), is_mounted=is_mounted)

    def _refuse(self, method: str) -> None:
        account.check_call(self.rules.account, method)

    def _check_vm(self, request: VmRequest) -> rules.MemorySize:
        for check in checks.vm_checks(self.rules, request):
            check()
        rules.check_tags(self.rules, request.tags)
        if request.stemcell_cid not in self.resources.stemcells:
            raise judge.unknown_stemcell(request.stemcell_cid, cloud="The memory cloud")
        size = rules.size_of(self.rules, request.cloud_properties)
        quotas.check_quota(self.rules, self.resources, quotas.sizes_added([size]))
        return size

    def _attach(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        held, disk = self.resources.vm(vm_cid), self.resources.disk(disk_cid)
        if disk.found.vm_cid == vm_cid:
            return
        if disk.found.vm_cid:
            raise ConflictError("disk-attached", f"Disk '{disk_cid}' is attached to VM '{disk.found.vm_cid}'.")
        if disk.zone != held.zone:
            raise ConflictError(
                "disk-in-other-zone", f"Disk '{disk_cid}' is in zone '{disk.zone}', VM in '{held.zone}'."
            )
        if len(held.found.disk_cids) >= self.rules.max_disks_of_vm:
            raise CloudError("too-many-disks", f"VM '{vm_cid}' has {len(held.found.disk_cids)} disks, the maximum.")
        self.resources.attach(vm_cid, disk_cid)

    def _set_power(self, cid: VmCid, state: VmState) -> None:
        held = self.resources.vm(cid)
        self.resources.vms[cid] = replace(held, found=replace(held.found, state=state))


def _zone(cloud_properties: Mapping[str, JsonValue]) -> str:
    return str(cloud_properties.get("zone", ""))
