"""What the memory cloud holds, and every lookup on it.

Takes values of cpi.contract.values, keeps them by CID in the order they were made.
"""

from collections.abc import Mapping
from dataclasses import field, replace

from cpi.clouds.memory import rules
from cpi.contract.errors import NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    DiskCid,
    FoundDisk,
    FoundLandingResource,
    FoundSnapshot,
    FoundStemcell,
    FoundVm,
    LandingCid,
    SnapshotCid,
    StemcellCid,
    VmCid,
    VmRequest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldVm:
    """`size` and `zone` follow from the request's cloud properties."""

    found: FoundVm
    request: VmRequest
    size: rules.MemorySize
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldDisk:
    """`is_mounted` is what the VM's agent did with it; a mounted disk cannot be detached."""

    found: FoundDisk
    zone: str = ""
    is_mounted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryInventory:
    """Every resource with an owner key in the cloud."""

    vms: tuple[FoundVm, ...] = ()
    disks: tuple[FoundDisk, ...] = ()
    stemcells: tuple[FoundStemcell, ...] = ()
    snapshots: tuple[FoundSnapshot, ...] = ()
    landing: tuple[FoundLandingResource, ...] = ()


@dataclass(slots=True)
class MemoryResources:
    """Mutable; the cloud alone writes to it, under its lock."""

    vms: dict[VmCid, HeldVm] = field(default_factory=dict)
    disks: dict[DiskCid, HeldDisk] = field(default_factory=dict)
    stemcells: dict[StemcellCid, FoundStemcell] = field(default_factory=dict)
    snapshots: dict[SnapshotCid, FoundSnapshot] = field(default_factory=dict)
    landing: dict[LandingCid, FoundLandingResource] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)
    labels: dict[str, Mapping[str, str]] = field(default_factory=dict)
    """The tags of stemcells and of the landing zone, by CID."""
    made: int = 0

    def next_cid(self, kind: str) -> str:
        """A CID that was never used before."""
        self.made += 1
        return f"{kind}-{self.made}"

    def vm(self, cid: VmCid) -> HeldVm:
        """The VM. Raises NotFoundError, code `unknown-vm`."""
        if cid not in self.vms:
            raise NotFoundError("unknown-vm", f"VM '{cid}' does not exist.")
        return self.vms[cid]

    def disk(self, cid: DiskCid) -> HeldDisk:
        """The disk. Raises NotFoundError, code `disk-missing`."""
        if cid not in self.disks:
            raise NotFoundError("unknown-disk", f"Disk '{cid}' does not exist.")
        return self.disks[cid]

    def attach(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        """Note on both that they belong together."""
        held = self.vm(vm_cid)
        self.vms[vm_cid] = replace(held, found=replace(held.found, disk_cids=(*held.found.disk_cids, disk_cid)))
        disk = self.disk(disk_cid)
        self.disks[disk_cid] = replace(disk, found=replace(disk.found, vm_cid=vm_cid))

    def detach(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        """Note on both that they no longer belong together."""
        held = self.vm(vm_cid)
        left = tuple(cid for cid in held.found.disk_cids if cid != disk_cid)
        self.vms[vm_cid] = replace(held, found=replace(held.found, disk_cids=left))
        disk = self.disk(disk_cid)
        self.disks[disk_cid] = replace(disk, found=replace(disk.found, vm_cid=None), is_mounted=False)

    def drop_vm(self, cid: VmCid) -> None:
        """Take the VM away; its disks stay, detached."""
        for disk_cid in self.vm(cid).found.disk_cids:
            self.detach(cid, disk_cid)
        del self.vms[cid]

    def networks(self, rule: rules.Rules) -> Mapping[str, str]:
        """Networks by name, with their ranges: those from the start and those of landing zones."""
        made = {found.name: found.outputs["cidr"] for found in self.landing.values() if found.kind == "network"}
        return {**rule.networks, **made}

    def public_addresses(self) -> tuple[str, ...]:
        """All public addresses of landing zones."""
        return tuple(found.outputs["address"] for found in self.landing.values() if found.kind == "public_address")

    def taken_addresses(self) -> frozenset[str]:
        """Addresses that VMs have, of every network."""
        networks = (network for held in self.vms.values() for network in held.found.created.networks)
        return frozenset(network.ip for network in networks if network.ip)

    def inventory(self) -> MemoryInventory:
        """Everything, as it is now."""
        return MemoryInventory(
            vms=tuple(held.found for held in self.vms.values()),
            disks=tuple(held.found for held in self.disks.values()),
            stemcells=tuple(self.stemcells.values()),
            snapshots=tuple(self.snapshots.values()),
            landing=tuple(self.landing.values()),
        )
