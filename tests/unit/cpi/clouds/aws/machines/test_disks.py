"""Disks: whole GiB, device names, hints."""

import pytest

from cpi.clouds.aws.machines import disks
from cpi.clouds.aws.wire.config import DiskProperties, read_properties
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from tests.unit.cpi.clouds.aws import requests


@pytest.mark.parametrize(("size_mib", "gib"), [(1, 1), (1024, 1), (1025, 2), (16 * 1024 * 1024, 16384)])
def test_a_disk_has_whole_gib(size_mib: int, gib: int) -> None:
    assert disks.gib_of(size_mib) == gib


@pytest.mark.parametrize("size_mib", [0, -1, 16 * 1024 * 1024 + 1])
def test_a_size_that_ebs_has_not_is_refused(size_mib: int) -> None:
    with pytest.raises(CloudError):
        disks.gib_of(size_mib)


def test_disks_are_encrypted_unless_said() -> None:
    def written(**properties: JsonValue) -> bool:
        read = read_properties(DiskProperties, properties, where="a disk")
        return "Encrypted" in disks.write_disk(requests.disk(), read, zone="z", config=requests.config())

    assert (written(), written(encrypted=False)) == (True, False)


def test_a_volume_that_is_part_of_a_vm_is_no_persistent_disk() -> None:
    asked = disks.write_disk(requests.disk(), DiskProperties(), zone="z", config=requests.config())
    reported = {"VolumeId": "vol-1", "Size": 1, "Tags": asked["TagSpecifications"][0]["Tags"]}
    assert disks.read_disk(reported) is not None
    other = [{**tag, "Value": "vm-disk"} if tag["Key"] == "compleat-kind" else tag for tag in reported["Tags"]]
    assert disks.read_disk({**reported, "Tags": other}) is None


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("t3.micro", "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc"),
        ("m6i.large", "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc"),
        ("i3.metal", "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0abc"),
        ("t2.micro", "/dev/xvdf"),
        ("m4.large", "/dev/xvdf"),
    ],
)
def test_the_hint_is_where_the_vms_kernel_shows_the_disk(kind: str, hint: str) -> None:
    assert disks.hint_of("/dev/sdf", "vol-0abc", instance_type=kind) == hint


def test_device_names_are_given_in_order_until_there_is_none() -> None:
    used: list[str] = []
    for _ in range(11):
        used.append(disks.free_device(used))
    assert (used[0], used[-1], len(set(used))) == ("/dev/sdf", "/dev/sdp", 11)
    with pytest.raises(CloudError):
        disks.free_device(used)
