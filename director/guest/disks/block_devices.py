"""Block devices made ready: partitioned, formatted, grown.

Takes a device's path, gives what to mount. A device that already holds anything we can name is never formatted.
Source: cloudfoundry/bosh-agent platform/disk/sfdisk_partitioner.go, linux_formatter.go.
"""

from __future__ import annotations

import os
import stat
import struct
import time
from typing import NamedTuple

from director.guest.disks import device_names, partitions
from director.guest.failures import GuestError
from director.guest.system import tools

PATIENCE_S = 30.0
_HEAD = 2048
_WORTH_GROWING = 1 << 20  # less may be too little for another block group


class Device(NamedTuple):
    """`path` is what is mounted: a partition of `disk`, or `disk` itself."""

    disk: str
    path: str
    filesystem: str


def prepare_device(hint: str, *, timeout_s: float = PATIENCE_S) -> Device:
    """Find the device within `timeout_s`, give it one partition and an ext4 unless it has them.

    Raises disk-not-found, disk-not-formatted.
    """
    disk = os.path.realpath(await_device(hint, timeout_s))
    filesystem = _filesystem_of(disk)
    if filesystem:
        return Device(disk, disk, filesystem)
    partition = partitions.find_partition(disk)
    if not partition:
        _refuse_foreign(disk)
        partition = partitions.make_partition(disk)
    if not _filesystem_of(partition):
        _refuse_foreign(partition)
        _format(partition)
    return Device(disk, partition, _filesystem_of(partition))


def await_device(hint: str, timeout_s: float) -> str:
    """Where the device is now: it may show up a moment after the cloud said that it is attached.

    Raises disk-not-found.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        path = device_names.find_device(hint)
        if path and stat.S_ISBLK(os.stat(path).st_mode):
            return path
        if time.monotonic() >= deadline:
            raise GuestError(
                "disk-not-found",
                "%s is neither a directory nor a block device." % hint,
                why="waited %g s for it" % timeout_s,
                fix="Check that the disk is attached to this VM.",
            )
        time.sleep(0.2)


def grow_mounted(device: Device, *, place: str) -> str:
    """Let partition and mounted file system fill a disk that was made larger; twice is once.

    Gives why the file system could not grow while it is mounted, "" when it fills the disk. Raises disk-not-grown for
    the partition.
    """
    partitions.grow_partition(device.disk, device.path)
    if _fills_its_device(device):
        return ""
    return tools.failure_of(["resize2fs", device.path] if device.filesystem == "ext4" else ["xfs_growfs", place])


def grow_unmounted(device: Device, *, trouble: str) -> None:
    """Check it and let it grow, where the kernel refused to while it was mounted (`trouble`). Raises disk-not-grown."""
    if device.filesystem == "ext4":
        trouble = tools.failure_of(["e2fsck", "-f", "-p", device.path], well=(0, 1))
        trouble = trouble or tools.failure_of(["resize2fs", device.path])
    if trouble:
        raise GuestError(
            "disk-not-grown",
            "The file system on %s cannot be grown." % device.path,
            why=trouble,
            fix="Use an image that has resize2fs and e2fsck (xfs_growfs for xfs), and check the disk on the VM.",
        )


def _filesystem_of(device: str) -> str:
    """What the first bytes say: ext4 (which reads ext2 and ext3 too), xfs, or "" for neither."""
    head = _head_of(device)
    if head[0x438:0x43A] == b"\x53\xef":
        return "ext4"
    return "xfs" if head[:4] == b"XFSB" else ""


def _format(partition: str) -> None:
    trouble = tools.failure_of(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", partition])
    if trouble:
        raise GuestError(
            "disk-not-formatted",
            "%s cannot be formatted." % partition,
            why=trouble,
            fix="Use an image that has mkfs.ext4, and check the disk on the VM.",
        )


def _refuse_foreign(device: str) -> None:
    """Encrypted, a volume group, another file system: content that must be preserved."""
    kind = tools.answer_of(["blkid", "--probe", "--output", "value", "--match-tag", "TYPE", device])
    if kind:
        raise GuestError(
            "disk-not-formatted",
            "%s is not empty: it contains '%s', so it is not formatted." % (device, kind),
            fix="Attach an empty disk, or one with ext4 or xfs.",
        )


def _fills_its_device(device: Device) -> bool:
    return _size_of(device.path) < _filesystem_size(device) + _WORTH_GROWING


def _filesystem_size(device: Device) -> int:
    """In bytes, from the superblock."""
    head = _head_of(device.path)
    if device.filesystem == "xfs":
        block_size, blocks = struct.unpack_from(">IQ", head, 4)
        return int(block_size * blocks)
    (low,) = struct.unpack_from("<I", head, 0x404)
    (scale,) = struct.unpack_from("<I", head, 0x418)
    (features,) = struct.unpack_from("<I", head, 0x460)
    (high,) = struct.unpack_from("<I", head, 0x550) if features & 0x80 else (0,)  # 0x80: block numbers of 64 bits
    return int((low + (high << 32)) << (10 + scale))


def _size_of(device: str) -> int:
    with open(device, "rb") as stream:
        return stream.seek(0, os.SEEK_END)


def _head_of(device: str) -> bytes:
    with open(device, "rb") as stream:
        return stream.read(_HEAD)
