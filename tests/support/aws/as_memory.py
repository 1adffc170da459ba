"""The emulator's account as tests look at a memory cloud.

Takes an emulator, gives its VMs and disks; the views of them are in tests.support.kit.as_memory.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cpi.clouds.memory.resources import HeldVm
from cpi.contract.values import DiskCid, FoundDisk, FoundVm, VmCid, VmCreated, VmState
from cpi.kit import tags as owner_tags
from tests.support.aws import back
from tests.support.aws.emulator import Emulator
from tests.support.kit import held_vms
from tests.support.kit.as_memory import AsMemory
from tests.support.signed_reads import SignedReads


@dataclass(slots=True)
class AwsAsMemory(AsMemory):
    """By moto's word alone."""

    emulator: Emulator

    @property
    def blobs(self) -> SignedReads:
        return SignedReads()

    def held_vms(self) -> Iterator[HeldVm]:
        """Living instances."""
        return (_held(one) for one in back.instances(self.emulator.region))

    def held_disks(self) -> Iterator[FoundDisk]:
        return _disks(self.emulator.region)

    def vanish_vm(self, cid: VmCid) -> None:
        self.emulator.vanish(cid)


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
