"""The emulator's account as tests look at a memory cloud: VMs, disks, what is attached; by moto's word alone.

Takes an emulator, gives the same views that tests.support and tests.chaos take of cpi.clouds.memory.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cpi.clouds.memory.resources import HeldVm, MemoryInventory
from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmCreated, VmState
from cpi.kit import tags as owner_tags
from tests.support import held_vms
from tests.support.aws import back
from tests.support.aws.emulator import Emulator
from tests.support.signed_reads import SignedReads


@dataclass(slots=True)
class MemoryResources:
    """`vms` and `disks` are read again at each access."""

    region: str

    @property
    def vms(self) -> Mapping[VmCid, HeldVm]:
        """Living instances."""
        return {VmCid(one.id): _held(one) for one in back.instances(self.region)}

    @property
    def blobs(self) -> SignedReads:
        """What VMs read of object storage."""
        return SignedReads()

    def vm(self, cid: VmCid) -> HeldVm:
        """One of them."""
        return _held(back.instance(self.region, cid))


@dataclass(slots=True)
class AwsAsMemory:
    """Replaces a MemoryCloud in MemoryAgents and convergence."""

    emulator: Emulator
    mounted: set[DiskCid] = field(default_factory=set)

    @property
    def resources(self) -> MemoryResources:
        """What is there."""
        return MemoryResources(self.emulator.region)

    def inventory(self) -> MemoryInventory:
        """All VMs and persistent disks, with any owner."""
        region = self.emulator.region
        return MemoryInventory(
            vms=tuple(_held(one).found for one in back.instances(region)),
            disks=tuple(_disks(region)),
        )

    def vanish_vm(self, cid: VmCid) -> None:
        """Lose it as clouds do."""
        self.emulator.vanish(cid)

    def set_mounted(self, cid: DiskCid, *, is_mounted: bool) -> None:
        """What the VM's agent did with a disk."""
        (self.mounted.add if is_mounted else self.mounted.discard)(cid)


def _held(instance: Any) -> HeldVm:
    tags = _tags(instance)
    persistent = [
        DiskCid(device.volume_id)
        for device in instance.block_device_mapping.values()
        if not device.delete_on_termination
    ]
    ips = [str(nic.private_ip_address) for nic in instance.nics.values()]
    found = FoundVm(
        created=VmCreated(cid=VmCid(instance.id), networks=held_vms.networks_of(ips)),
        owner=held_vms.owner_of(tags),
        state=VmState.STOPPED if instance.state in ("stopping", "stopped") else VmState.RUNNING,
        disk_cids=tuple(persistent),
        tags=owner_tags.other_tags(tags),
    )
    return held_vms.held_vm(found, name=tags.get("Name", ""), instance_type=str(instance.instance_type))


def _disks(region: str) -> Iterator[FoundDisk]:
    for volume in back.ec2(region).volumes.values():
        attachment = volume.attachment
        if attachment is not None and _is_part(attachment):
            continue
        tags = _tags(volume)
        yield FoundDisk(
            cid=DiskCid(volume.id),
            owner=held_vms.owner_of(tags),
            size_mib=volume.size * 1024,
            vm_cid=VmCid(attachment.instance.id) if attachment is not None else None,
            tags=owner_tags.other_tags(tags),
        )


def _is_part(attachment: Any) -> bool:
    """A root disk: it dies with its instance."""
    device = attachment.instance.block_device_mapping.get(attachment.device)
    return device is not None and bool(device.delete_on_termination)


def _tags(thing: Any) -> dict[str, str]:
    """Read from their store: moto's own answer scans the tags of every resource."""
    return dict(thing.ec2_backend.tags.get(thing.id, {}))
