"""The volume that a server boots from: its size, its type, and what Nova is sent."""

import pytest

from cpi.clouds.openstack.machines import root_volumes, vms
from cpi.clouds.openstack.machines.root_volumes import RootVolume
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from tests.unit.cpi.clouds.openstack.requests import settings, vm_request

FLAVOR = {"name": "m1.small", "disk": 20}
NO_DISK = {"name": "c1.diskless", "disk": 0}


def _read(flavor: dict[str, object], properties: dict[str, JsonValue], **more: JsonValue) -> RootVolume | None:
    read = vms.read_vm_properties(vm_request(**properties))
    return root_volumes.read_root_volume(read, flavor, settings(**more), name="web-0")


def test_a_server_without_a_volume_boots_from_its_image() -> None:
    assert _read(FLAVOR, {}) is None
    assert _read(FLAVOR, {"boot_from_volume": False}, boot_from_volume=True) is None
    assert root_volumes.write_boot_source(None, "i") == {"imageRef": "i"}


@pytest.mark.parametrize(("of_vm", "of_cloud"), [({"boot_from_volume": True}, False), ({}, True)])
def test_a_volume_without_a_named_size_is_as_large_as_the_flavours_disk(
    of_vm: dict[str, JsonValue], of_cloud: bool
) -> None:
    root = _read(FLAVOR, of_vm, boot_from_volume=of_cloud)
    assert root_volumes.write_boot_source(root, "i") == {
        "block_device_mapping_v2": [
            {
                "boot_index": 0,
                "source_type": "image",
                "uuid": "i",
                "destination_type": "volume",
                "delete_on_termination": True,
                "volume_size": 20,
            }
        ]
    }


def test_a_flavour_without_a_disk_needs_a_size_in_words() -> None:
    with pytest.raises(CloudError) as caught:
        _read(NO_DISK, {"boot_from_volume": True})
    assert caught.value.code == "root-volume-without-size"
    assert "'c1.diskless' has a disk of 0 GiB" in caught.value.why
    assert "root_disk.size" in caught.value.fix
    assert _read(NO_DISK, {"boot_from_volume": True, "root_disk": {"size": "9"}}) == RootVolume(size_gib=9)


@pytest.mark.parametrize("version", ["2.60", "2.66", "latest"])
def test_a_type_is_refused_where_nova_does_not_take_it(version: str) -> None:
    with pytest.raises(CloudError) as caught:
        _read(FLAVOR, {"root_disk": {"size": 9, "type": "ceph"}}, compute_api_version=version)
    assert caught.value.code == "root-volume-type-not-supported"
    assert f"compute_api_version is {version}" in caught.value.why


@pytest.mark.parametrize("version", ["2.67", "2.100", "3.0"])
def test_a_type_is_sent_where_nova_takes_it(version: str) -> None:
    root = _read(FLAVOR, {"root_disk": {"type": "ceph"}}, compute_api_version=version)
    assert root == RootVolume(size_gib=20, type="ceph")
    (volume,) = root_volumes.write_boot_source(root, "i")["block_device_mapping_v2"]
    assert (volume["volume_type"], volume["volume_size"]) == ("ceph", 20)


def test_a_root_disk_that_says_nothing_is_refused() -> None:
    with pytest.raises(CloudError) as caught:
        _read(FLAVOR, {"root_disk": {}})
    assert caught.value.code == "wrong-cloud-property"
