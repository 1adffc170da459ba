"""Disks on and off VMs, and what a disk in use means.

Takes CIDs, gives hints. What is on its way is a TransientError: the engine asks again.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.aws.machines import disks, vms
from cpi.clouds.aws.wire import api as sdk
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.recently_created import RecentlyCreated
from cpi.contract.errors import CloudError, ConflictError, NotFoundError, NotSupportedError, TransientError
from cpi.contract.values import DiskCid, VmCid

CloudAnswer = Mapping[str, Any]


class Attachments:
    def __init__(self, api: Api, recently_created: RecentlyCreated) -> None:
        self._api = api
        self._recently_created = recently_created

    def instance(self, cid: VmCid) -> CloudAnswer:
        """A living instance. Raises NotFoundError, code unknown-vm."""
        answer = self.record(cid)
        if not vms.is_alive(answer):
            raise vms.unknown_vm(cid, why=f"It has ended. {vms.end_of(answer)}")
        return answer

    def record(self, cid: VmCid) -> CloudAnswer:
        """An instance, which AWS lists for an hour after its end. Raises NotFoundError, code unknown-vm."""
        vms.require_vm(cid)
        try:
            held = self._api.read("ec2", "DescribeInstances", InstanceIds=[cid])["Reservations"]
        except NotFoundError as error:
            raise self._recently_created.retry_if_new(error, cid) from error
        answer: CloudAnswer | None = next((one for reservation in held for one in reservation["Instances"]), None)
        self._recently_created.seen(cid)
        if answer is None:
            raise vms.unknown_vm(cid)
        return answer

    def volume(self, cid: DiskCid) -> CloudAnswer:
        """A volume. Raises NotFoundError, code unknown-disk."""
        disks.require_disk(cid)
        try:
            answer: CloudAnswer = self._api.read("ec2", "DescribeVolumes", VolumeIds=[cid])["Volumes"][0]
        except NotFoundError as error:
            raise self._recently_created.retry_if_new(_unknown_disk(cid), cid) from error
        self._recently_created.seen(cid)
        if disks.is_gone(answer):
            raise _unknown_disk(cid)
        return answer

    def attach(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        """Attach, under the first free device name. Raises TransientError until AWS has done it."""
        disks.require_disk(disk_cid)
        answer = self.instance(vm_cid)
        used, kind = vms.used_devices(answer), str(answer["InstanceType"])
        device = next((device for device, volume in used.items() if volume == disk_cid), "")
        if not device:
            device = disks.free_device(used)
            try:
                self._api.change("ec2", "AttachVolume", VolumeId=disk_cid, InstanceId=vm_cid, Device=device)
            except CloudError as error:
                device = self._settle(error, vm_cid, disk_cid)
        if not disks.is_attached(self.volume(disk_cid)):
            raise TransientError(
                "disk-still-attaching",
                f"Disk '{disk_cid}' is not attached to VM '{vm_cid}' yet.",
                why="AWS needs a few seconds for it.",
                fix="No action needed: compleat retries. If that does not help, look at the volume's state in AWS.",
            )
        return disks.hint_of(device, disk_cid, instance_type=kind)

    def detach(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        """Detach; not attached, or not there, is success."""
        vms.require_vm(vm_cid)
        disks.require_disk(disk_cid)
        try:
            self._api.change("ec2", "DetachVolume", VolumeId=disk_cid, InstanceId=vm_cid)
        except NotFoundError as error:
            if sdk.code_of(error) in ("InvalidAttachment.NotFound", "InvalidVolume.NotFound"):
                return
            raise self._recently_created.retry_if_new(error, vm_cid, disk_cid) from error
        except TransientError:
            # AWS calls a volume that hangs nowhere one in an incorrect state.
            if disks.holder_of(self.volume(disk_cid)) == vm_cid:
                raise

    def refuse_used(self, cid: DiskCid, answer: CloudAnswer) -> None:
        """Raises ConflictError while a VM has the disk, TransientError while it is being let go of."""
        holder = disks.holder_of(answer)
        if not holder:
            return
        if disks.is_letting_go(answer) or not self._is_alive(holder):
            raise TransientError(
                "disk-still-detaching",
                f"Disk '{cid}' is not detached from VM '{holder}' yet.",
                why="AWS needs a few seconds for it.",
                fix="No action needed: compleat retries. If that does not help, unmount the disk on the VM.",
            )
        raise ConflictError(
            "disk-attached",
            f"Disk '{cid}' is attached to VM '{holder}'.",
            why=f"AWS reports its state as {answer.get('State', 'in use')}.",
            fix="Detach the disk first.",
        )

    def _settle(self, error: CloudError, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        match sdk.code_of(error):
            case "VolumeInUse":
                return self._device_here(vm_cid, disk_cid)
            case "InvalidVolume.ZoneMismatch":
                raise ConflictError(
                    "disk-in-other-zone",
                    f"Disk '{disk_cid}' is in another availability zone than VM '{vm_cid}'.",
                    why=error.why,
                    fix="A disk cannot leave its zone; keep the instance in the AZ in which its disk was created.",
                ) from error
            case "InvalidParameterValue" if "in use" in error.why:
                raise TransientError(
                    "device-taken", "Another disk was attached under the same device name.", why=error.why
                ) from error
            case "IncorrectState" if disks.has_failed(self.volume(disk_cid)):
                raise CloudError(
                    "disk-in-error",
                    f"Disk '{disk_cid}' cannot be attached: AWS failed to create it.",
                    why="AWS reports its state as 'error'; the usual cause is a KMS key without permission.",
                    fix="Correct kms_key_arn or the key's policy; then delete the disk in AWS, and deploy again.",
                ) from error
            case "InvalidVolume.NotFound":
                raise self._recently_created.retry_if_new(_unknown_disk(disk_cid), disk_cid) from error
            case _:
                raise self._recently_created.retry_if_new(error, vm_cid, disk_cid) from error

    def _device_here(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        answer = self.volume(disk_cid)
        if disks.holder_of(answer) == vm_cid and not disks.is_letting_go(answer):
            return str(answer["Attachments"][0]["Device"])
        self.refuse_used(disk_cid, answer)
        raise TransientError("disk-just-freed", f"Disk '{disk_cid}' was detached in the meantime.")

    def _is_alive(self, cid: str) -> bool:
        try:
            self.instance(VmCid(cid))
        except NotFoundError:
            return False
        return True


def refuse_shrinking(cid: DiskCid, answer: CloudAnswer, gib: int) -> None:
    """Raises NotSupportedError, code disk-cannot-shrink."""
    if gib < int(answer["Size"]):
        raise NotSupportedError(
            "disk-cannot-shrink",
            f"Disk '{cid}' already has {answer['Size']} GiB.",
            why="EBS disks cannot shrink.",
            fix="Create a new, smaller disk and copy the data.",
        )


def _unknown_disk(cid: str) -> NotFoundError:
    return NotFoundError("unknown-disk", f"AWS has no disk '{cid}'.", why="It was deleted, or never existed.")
