"""The names of one disk: what its cloud calls it, and what this image and its kernel show it as.

Takes the cloud's hint, gives a path that is there. Images differ in the names their udev rules make, so what a rule
would have read is read here too. Source: cloudfoundry/bosh-agent infrastructure/devicepathresolver @059730b (mapped,
scsi_lun, symlink_lun); Azure/azure-vm-utils (udev rules and azure-nvme-id).
"""

from __future__ import annotations

import glob
import os
import re
from typing import Iterator

from director.guest.system import tools

_MAPPED = re.compile(r"/dev/sd([a-z]+)")
_EBS = re.compile(r"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_(vol[0-9a-f]+)")
_LUN = re.compile(r"/dev/disk/azure/(?:scsi1/lun|data/by-lun/)(\d+)")
_VIRTIO = re.compile(r"/dev/disk/by-id/virtio-(.+)")

_AZURE_DATA_CONTROLLER = "{f8b3781b-1e82-4818-a1c3-63d806ec15bb}"
_AZURE_NVME = "MSFT NVMe Accelerator v1.0"
_AZURE_FIRST_DATA_NAMESPACE = 2  # 1 is the system's disk


def find_device(hint: str, *, root: str = "") -> str:
    """The path under which the disk is there now, "" while there is none. `root` is before every path looked at."""
    for path in (*_names(hint), *_shown_by_the_kernel(hint, root)):
        if os.path.exists(root + path):
            return path
    return ""


def _names(hint: str) -> Iterator[str]:
    """What udev rules of different images call it; for sdX in BOSH's order."""
    mapped, lun, virtio = _MAPPED.fullmatch(hint), _LUN.fullmatch(hint), _VIRTIO.fullmatch(hint)
    if mapped:
        yield "/dev/xvd" + mapped.group(1)
        yield "/dev/vd" + mapped.group(1)
    yield hint
    if lun:
        yield "/dev/disk/azure/scsi1/lun" + lun.group(1)
        yield "/dev/disk/azure/data/by-lun/" + lun.group(1)
    if virtio:
        yield "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_" + virtio.group(1)


def _shown_by_the_kernel(hint: str, root: str) -> Iterator[str]:
    ebs, lun, virtio = _EBS.fullmatch(hint), _LUN.fullmatch(hint), _VIRTIO.fullmatch(hint)
    if ebs:
        for name in _namespaces(root, attribute="serial", value=ebs.group(1)):
            yield "/dev/" + name
    if virtio:
        for path in sorted(glob.glob(root + "/sys/class/block/vd*/serial")):
            if _read_attribute(path) == virtio.group(1):
                yield "/dev/" + path.split("/")[-2]
    if lun:
        namespace = int(lun.group(1)) + _AZURE_FIRST_DATA_NAMESPACE
        for name in _namespaces(root, attribute="model", value=_AZURE_NVME):
            if _read_attribute(root + "/sys/class/block/%s/nsid" % name) == str(namespace):
                yield "/dev/" + name
        for name in _scsi_disks(root, lun.group(1)):
            yield "/dev/" + name


def _namespaces(root: str, *, attribute: str, value: str) -> Iterator[str]:
    """NVMe disks (not their partitions) of controllers that say so of themselves."""
    for path in sorted(glob.glob(root + "/sys/class/block/nvme*n*/device/" + attribute)):
        name = path.split("/")[-3]
        if "p" not in name and _read_attribute(path) == value:
            yield name


def _scsi_disks(root: str, lun: str) -> Iterator[str]:
    """Disks with that LUN on Azure's controller for data disks."""
    for path in sorted(glob.glob(root + "/sys/bus/vmbus/devices/*/device_id")):
        if _read_attribute(path) == _AZURE_DATA_CONTROLLER:
            for disk in glob.glob("%s/host*/target*/*:*:*:%s/block/*" % (os.path.dirname(path), lun)):
                yield os.path.basename(disk)


def _read_attribute(path: str) -> str:
    try:
        return tools.content_of(path).strip()
    except OSError:
        return ""  # gone since it was listed
