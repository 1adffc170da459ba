"""A disk is found by whatever name an image shows it under; the trees are cut from machines of each cloud."""

from __future__ import annotations  # tests/interpreters.py runs this on Python 3.8 too

from collections.abc import Mapping
from pathlib import Path

import pytest

from director.guest.disks import device_names

EBS = "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0"
LUN = "/dev/disk/azure/scsi1/lun1"
DATA, SYSTEM = "{f8b3781b-1e82-4818-a1c3-63d806ec15bb}", "{f8b3781a-1e82-4818-a1c3-63d806ec15bb}"


@pytest.mark.parametrize(
    ("hint", "shown", "found"),
    [
        ("/dev/sdf", ("/dev/sdf",), "/dev/sdf"),
        ("/dev/sdf", ("/dev/sdf", "/dev/vdf"), "/dev/vdf"),
        ("/dev/sdf", ("/dev/sdf", "/dev/vdf", "/dev/xvdf"), "/dev/xvdf"),
        ("/dev/xvdf", ("/dev/sdf",), ""),
        ("/dev/vdb", ("/dev/vdb",), "/dev/vdb"),
        (EBS, (EBS,), EBS),
        (LUN, (LUN,), LUN),
        (LUN, ("/dev/disk/azure/data/by-lun/1",), "/dev/disk/azure/data/by-lun/1"),
        (LUN, ("/dev/disk/azure/scsi0/lun1", "/dev/disk/azure/scsi1/lun11"), ""),
        ("/dev/disk/azure/data/by-lun/1", (LUN,), LUN),
        (
            "/dev/disk/by-id/virtio-5f3e8a0c-1b2d-4c5e-9",
            ("/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_5f3e8a0c-1b2d-4c5e-9",),
            "/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_5f3e8a0c-1b2d-4c5e-9",
        ),
    ],
)
def test_a_disk_is_found_by_the_names_of_other_images(
    hint: str, shown: tuple[str, ...], found: str, tmp_path: Path
) -> None:
    assert device_names.find_device(hint, root=_machine(tmp_path, dict.fromkeys(shown, ""))) == found


def test_without_a_rule_an_ebs_volume_is_found_by_its_serial(tmp_path: Path) -> None:
    files = {
        "/sys/class/block/nvme0n1/device/serial": "vol0fedcba9876543210\n",
        "/sys/class/block/nvme1n1/device/serial": "vol0123456789abcdef0\n",
        "/sys/class/block/nvme1n1p1/device/serial": "vol0123456789abcdef0\n",
        **dict.fromkeys(("/dev/nvme0n1", "/dev/nvme1n1", "/dev/nvme1n1p1"), ""),
    }
    assert device_names.find_device(EBS, root=_machine(tmp_path, files)) == "/dev/nvme1n1"


def test_without_a_rule_a_lun_of_azure_is_found_on_the_controller_for_data_disks(tmp_path: Path) -> None:
    files = {
        "/sys/bus/vmbus/devices/a/device_id": SYSTEM + "\n",
        "/sys/bus/vmbus/devices/a/host0/target0:0:0/0:0:0:1/block/sdb/size": "1\n",
        "/sys/bus/vmbus/devices/b/device_id": DATA + "\n",
        "/sys/bus/vmbus/devices/b/host1/target1:0:0/1:0:0:0/block/sdc/size": "1\n",
        "/sys/bus/vmbus/devices/b/host1/target1:0:0/1:0:0:1/block/sdd/size": "1\n",
        **dict.fromkeys(("/dev/sdb", "/dev/sdc", "/dev/sdd"), ""),
    }
    assert device_names.find_device(LUN, root=_machine(tmp_path, files)) == "/dev/sdd"


def test_without_a_rule_a_lun_of_azure_is_found_by_its_nvme_namespace(tmp_path: Path) -> None:
    files = {
        "/sys/class/block/nvme0n1/device/model": "MSFT NVMe Accelerator v1.0\n",
        "/sys/class/block/nvme0n1/nsid": "1\n",
        "/sys/class/block/nvme0n2/device/model": "MSFT NVMe Accelerator v1.0\n",
        "/sys/class/block/nvme0n2/nsid": "3\n",
        "/sys/class/block/nvme1n3/device/model": "Microsoft NVMe Direct Disk v2\n",
        "/sys/class/block/nvme1n3/nsid": "3\n",
        **dict.fromkeys(("/dev/nvme0n1", "/dev/nvme0n2", "/dev/nvme1n3"), ""),
    }
    assert device_names.find_device(LUN, root=_machine(tmp_path, files)) == "/dev/nvme0n2"


def test_without_a_rule_a_virtio_disk_is_found_by_its_serial_number(tmp_path: Path) -> None:
    files = {
        "/sys/class/block/vda/serial": "",
        "/sys/class/block/vdb/serial": "13af217d-bc61-490b-b",
        "/sys/class/block/vdc/serial": "13af217d-bc61-490b-a",
        **dict.fromkeys(("/dev/vda", "/dev/vdb", "/dev/vdc"), ""),
    }
    hint = "/dev/disk/by-id/virtio-13af217d-bc61-490b-a"
    assert device_names.find_device(hint, root=_machine(tmp_path, files)) == "/dev/vdc"


def _machine(folder: Path, files: Mapping[str, str]) -> str:
    for path, content in files.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    return str(folder)
