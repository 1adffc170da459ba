"""The one partition of a disk: found, made, grown.

Takes a disk's device path, gives the partition's; changes the table with sfdisk and tells the kernel with partx, for
not every kernel reads partition tables by itself, and none does while the disk is mounted.
"""

from __future__ import annotations

import glob
import os
import time
from typing import List

from director.guest.failures import GuestError
from director.guest.system import tools

_PATIENCE_S = 10.0
_SFDISK = ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel"]
_FREE_SECTORS = 4096  # 2 MiB: less is alignment and the table's copy at the end


def find_partition(disk: str) -> str:
    """The device of partition 1, "" when there is none; one that only the table knows is shown to the kernel."""
    partition = _shown(disk)
    if not partition and _may_have_partitions(disk) and not _show(disk):
        partition = _await_partition(disk)
    return partition


def make_partition(disk: str) -> str:
    """A GPT with one partition over all; a loop device that shows no partitions is used whole."""
    if not _may_have_partitions(disk):
        return disk
    trouble = tools.failure_of([*_SFDISK, "--label", "gpt", disk], stdin=b",,L\n") or _show(disk)
    partition = "" if trouble else _await_partition(disk)
    if not partition:
        raise GuestError(
            "disk-not-formatted",
            "%s cannot be partitioned." % disk,
            why=trouble or "its new partition does not appear",
            fix="Use an image that has sfdisk and partx, and check the disk on the VM.",
        )
    return partition


def grow_partition(disk: str, partition: str) -> None:
    """Let the only partition reach the disk's end, also while it is mounted; twice is once. Raises disk-not-grown."""
    if partition == disk or len(_all_shown(disk)) != 1:
        return
    end = _number(partition, "start") + _number(partition, "size")
    if _number(disk, "size") - end < _FREE_SECTORS:
        return
    trouble = tools.failure_of([*_SFDISK, "--partno", "1", disk], stdin=b", +\n") or _show(disk)
    if trouble:
        raise GuestError(
            "disk-not-grown",
            "The partition %s cannot be grown." % partition,
            why=trouble,
            fix="Use an image that has sfdisk and partx, and check the disk on the VM.",
        )


def _show(disk: str) -> str:
    """Tell the kernel what the table says now; why it could not, or ""."""
    return tools.failure_of(["partx", "--update", disk])


def _may_have_partitions(disk: str) -> bool:
    flag = "/sys/class/block/%s/loop/partscan" % os.path.basename(disk)
    return not os.path.exists(flag) or tools.content_of(flag).strip() == "1"


def _shown(disk: str) -> str:
    """As the kernel names it: "sdb1", "nvme1n1p1"."""
    for path in _all_shown(disk):
        if tools.content_of(path).strip() == "1":
            return os.path.join("/dev", os.path.basename(os.path.dirname(path)))
    return ""


def _all_shown(disk: str) -> List[str]:
    name = os.path.basename(disk)
    return glob.glob("/sys/class/block/%s/%s*/partition" % (name, name))


def _await_partition(disk: str) -> str:
    """Its node may show up a moment after the kernel knows it; "" when there is none in the table."""
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        partition = _shown(disk)
        if not partition or os.path.exists(partition):
            return partition
        if time.monotonic() >= deadline:
            raise GuestError("disk-not-formatted", "The node %s of %s does not appear." % (partition, disk))
        time.sleep(0.1)


def _number(device: str, name: str) -> int:
    """In sectors of 512 bytes, whatever the disk's own are."""
    return int(tools.content_of("/sys/class/block/%s/%s" % (os.path.basename(device), name)))
