"""Block devices made ready: partitioned, formatted, grown.

Takes a device's path, gives the partition to mount. A device that already holds a file system is never formatted.
"""

from __future__ import annotations

import glob
import os
import stat
import subprocess
import time
from typing import List, NamedTuple

from director.guest.failures import GuestError

_PATIENCE_S = 10.0


class Device(NamedTuple):
    path: str
    filesystem: str


def prepare_device(hint: str) -> Device:
    """Find the device, give it one partition and an ext4 unless it has them.

    Raises disk-not-found, disk-not-formatted.
    """
    disk = os.path.realpath(_await_device(hint))
    filesystem = _filesystem_of(disk)
    if filesystem:
        return Device(disk, filesystem)
    partition = _first_partition(disk) or _make_partition(disk)
    if not _filesystem_of(partition):
        _run(
            ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=1", partition], what="%s cannot be formatted" % partition
        )
    return Device(partition, _filesystem_of(partition))


def grow_filesystem(device: Device) -> None:
    """Let a mounted ext4 fill its device, which may have been grown; as it is where resize2fs is missing."""
    if device.filesystem == "ext4":
        try:
            subprocess.run(["resize2fs", device.path], capture_output=True, check=False)
        except FileNotFoundError:
            return


def _await_device(hint: str) -> str:
    """An attached disk may show up a moment after the cloud said so."""
    deadline = time.monotonic() + _PATIENCE_S
    while not (os.path.exists(hint) and stat.S_ISBLK(os.stat(hint).st_mode)):
        if time.monotonic() >= deadline:
            raise GuestError(
                "disk-not-found",
                "There is no directory and no block device %s." % hint,
                why="waited %d s for it" % _PATIENCE_S,
                fix="see that the disk is attached to this VM",
            )
        time.sleep(0.2)
    return hint


def _filesystem_of(device: str) -> str:
    """What the first bytes say: ext4, xfs, or "" for neither."""
    with open(device, "rb") as stream:
        head = stream.read(2048)
    if head[0x438:0x43A] == b"\x53\xef":
        return "ext4"
    return "xfs" if head[:4] == b"XFSB" else ""


def _first_partition(disk: str) -> str:
    """The device of partition 1 as the kernel names it ("sdb1", "nvme1n1p1"); "" when there is none."""
    name = os.path.basename(disk)
    for path in glob.glob("/sys/class/block/%s/%s*/partition" % (name, name)):
        with open(path, encoding="ascii") as stream:
            if stream.read().strip() == "1":
                return os.path.join("/dev", os.path.basename(os.path.dirname(path)))
    return ""


def _make_partition(disk: str) -> str:
    """A GPT with one partition over all; a loop device is used whole, for it shows no partitions unasked."""
    if os.path.basename(disk).startswith("loop"):
        return disk
    _run(["sfdisk", "--quiet", "--label", "gpt", disk], what="%s cannot be partitioned" % disk, stdin=b",,L\n")
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        partition = _first_partition(disk)
        if partition and os.path.exists(partition):
            return partition
        if time.monotonic() >= deadline:
            raise GuestError("disk-not-formatted", "The new partition of %s does not show up." % disk)
        time.sleep(0.1)


def _run(command: List[str], *, what: str, stdin: bytes = b"") -> None:
    try:
        done = subprocess.run(command, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        trouble = "" if done.returncode == 0 else done.stdout.decode("utf-8", "replace").strip()[-500:] or "it failed"
    except FileNotFoundError:
        trouble = "this image has no %s" % command[0]
    if trouble:
        raise GuestError("disk-not-formatted", what + ".", why=trouble, fix="use an image that has %s" % command[0])
