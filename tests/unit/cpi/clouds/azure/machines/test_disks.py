"""Disks and snapshots as they are sent, whole, and as they are read."""

import pytest

from cpi.clouds.azure.machines import disks
from cpi.contract.errors import CloudError
from cpi.contract.values import DiskCid, FoundDisk, FoundSnapshot, SnapshotCid, VmCid
from tests.unit.cpi.clouds.azure import requests


def test_a_disk_is_sent_whole_and_rounded_up() -> None:
    assert disks.render_disk(requests.disk(1025), requests.PLACES, zones=[]) == {
        "location": "westeurope",
        "tags": {"job": "web", **requests.OWNER_TAGS},
        "sku": {"name": "StandardSSD_LRS"},
        "properties": {"creationData": {"createOption": "Empty"}, "diskSizeGB": 2},
    }


def test_what_was_chosen_is_sent_and_the_vms_zone_wins() -> None:
    request = requests.disk(iops=600, mbps=100, storage_account_type="PremiumV2_LRS", availability_zone="3")
    body = disks.render_disk(request, requests.PLACES, zones=["1"])
    assert (body["sku"], body["zones"]) == ({"name": "PremiumV2_LRS"}, ["1"])
    assert body["properties"] == {
        "creationData": {"createOption": "Empty"},
        "diskSizeGB": 2,
        "diskIOPSReadWrite": 600,
        "diskMBpsReadWrite": 100,
    }
    assert disks.render_disk(request, requests.PLACES, zones=None)["zones"] == ["3"]
    assert "zones" not in disks.render_disk(request, requests.PLACES, zones=[])


def test_iops_of_a_type_that_takes_none_are_refused() -> None:
    for written in ({"iops": 600}, {"mbps": 100, "storage_account_type": "Premium_LRS"}):
        with pytest.raises(CloudError) as raised:
            disks.read_properties(written, where="a disk")
        assert raised.value.code == "volume-setting-invalid"


@pytest.mark.parametrize("size_mib", [0, -1, (32767 << 10) + 1])
def test_a_size_that_no_disk_may_have_is_refused(size_mib: int) -> None:
    with pytest.raises(CloudError) as raised:
        disks.size_gib(size_mib)
    assert raised.value.code == "disk-size-invalid"


def test_a_snapshot_and_an_attachment_are_sent_whole() -> None:
    disk = {"id": "/x/disk", "location": "westeurope"}
    assert disks.render_snapshot(disk, requests.OWNER, {"job": "db"}) == {
        "location": "westeurope",
        "tags": {"job": "db", **requests.OWNER_TAGS},
        "properties": {"creationData": {"createOption": "Copy", "sourceResourceId": "/x/disk"}, "incremental": True},
    }
    assert disks.render_attachment(disk, 3) == {
        "lun": 3,
        "createOption": "Attach",
        "caching": "None",
        "deleteOption": "Detach",
        "managedDisk": {"id": "/x/disk"},
    }


def test_a_disk_is_read_whole_and_a_vms_own_is_left_out() -> None:
    disk = {
        "name": "d",
        "tags": {"job": "web", **requests.OWNER_TAGS},
        "managedBy": "/x/virtualMachines/v",
        "properties": {"diskSizeGB": 2, "creationData": {"createOption": "Empty"}},
    }
    assert disks.read_found(disk) == FoundDisk(
        cid=DiskCid("d"), owner=requests.OWNER, size_mib=2048, vm_cid=VmCid("v"), tags={"job": "web"}
    )
    root = {**disk, "properties": {"diskSizeGB": 2, "creationData": {"createOption": "FromImage"}}}
    assert (disks.read_found(root), disks.read_found({**disk, "tags": {}})) == (None, None)


def test_a_snapshot_is_read_whole() -> None:
    source = {"creationData": {"createOption": "Copy", "sourceResourceId": "/x/disks/d"}}
    snapshot = {"name": "s", "tags": requests.OWNER_TAGS, "properties": source}
    assert disks.read_snapshot(snapshot) == FoundSnapshot(
        cid=SnapshotCid("s"), owner=requests.OWNER, disk_cid=DiskCid("d")
    )
    assert disks.read_snapshot({**snapshot, "tags": {}}) is None
