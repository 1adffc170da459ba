"""Cloud properties of BOSH's Azure CPI: acted on, refused, or a remark; none is taken and forgotten."""

from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.azure.images.stemcells import ImageReference
from cpi.clouds.azure.machines import disks, vms
from cpi.clouds.azure.preflight import unused_settings
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import JsonValue
from tests.unit.cpi.clouds.azure import requests

SETTINGS = requests.settings()
REQUEST = requests.vm()


def test_a_resource_group_of_another_name_is_refused() -> None:
    with pytest.raises(NotSupportedError) as raised:
        vms.read_properties(replace(REQUEST, cloud_properties={"resource_group_name": "another"}), SETTINGS)
    assert (raised.value.code, "one resource group" in raised.value.why) == ("property-not-supported", True)


def test_a_vm_joins_what_its_properties_name() -> None:
    written: dict[str, JsonValue] = {
        "managed_identity": {"type": "UserAssigned", "user_assigned_identity_name": "reader"},
        "capacity_reservation_group": "kept",
        "root_disk": {"disk_encryption_set_name": "keys"},
    }
    body = _body(written)
    scope = "/subscriptions/s/resourceGroups/compleat-test/providers"
    assert body["identity"] == {
        "type": "UserAssigned",
        "userAssignedIdentities": {f"{scope}/Microsoft.ManagedIdentity/userAssignedIdentities/reader": {}},
    }
    assert body["properties"]["capacityReservation"] == {
        "capacityReservationGroup": {"id": f"{scope}/Microsoft.Compute/capacityReservationGroups/kept"}
    }
    assert body["properties"]["storageProfile"]["osDisk"]["managedDisk"] == {
        "storageAccountType": "StandardSSD_LRS",
        "diskEncryptionSet": {"id": f"{scope}/Microsoft.Compute/diskEncryptionSets/keys"},
    }


def test_a_managed_identity_is_of_one_of_two_types() -> None:
    assert _body({"managed_identity": {"type": "SystemAssigned"}})["identity"] == {"type": "SystemAssigned"}
    usual = requests.settings(default_managed_identity={"type": "SystemAssigned"})
    assert vms.identity_of(vms.read_properties(REQUEST, usual), usual) is not None
    for written in ({"type": "UserAssigned"}, {"type": "SystemAssigned", "user_assigned_identity_name": "x"}):
        with pytest.raises(CloudError) as raised:
            vms.read_properties(replace(REQUEST, cloud_properties={"managed_identity": written}), SETTINGS)
        assert raised.value.code == "wrong-cloud-property"


def test_an_os_disk_on_the_host_is_no_managed_disk() -> None:
    disk = _body({"root_disk": {"placement": "cache-disk"}, "caching": "ReadWrite"})["properties"]["storageProfile"]
    assert (disk["osDisk"]["diffDiskSettings"], disk["osDisk"]["caching"], "managedDisk" in disk["osDisk"]) == (
        {"option": "Local", "placement": "CacheDisk"},
        "ReadOnly",
        False,
    )


def test_a_disk_keeps_how_it_is_cached_until_it_is_attached() -> None:
    request = requests.disk(1024, caching="ReadOnly", disk_encryption_set_name="keys")
    body = disks.render_disk(request, requests.PLACES, zones=[])
    assert body["properties"]["encryption"]["diskEncryptionSetId"].endswith("/diskEncryptionSets/keys")
    there = {**body, "id": "/d", "name": "d", "tags": {**body["tags"]}}
    assert disks.render_attachment(there, 0)["caching"] == "ReadOnly"
    found = disks.read_found(there)
    assert found is not None and found.tags == {"job": "web"}


def test_an_ephemeral_disk_is_a_part_of_the_root_disk_which_grows_by_it() -> None:
    """BOSH's bootloader writes 20 GiB into every vm_type, and 50 or 100 into extensions."""
    sizes: list[tuple[dict[str, JsonValue], int]] = [
        ({}, 0),
        ({"ephemeral_disk": {"size": 20480}}, 30 + 20),
        ({"ephemeral_disk": {"size": 20481, "use_root_disk": True}}, 30 + 21),
        ({"ephemeral_disk": {"size": 1024}, "root_disk": {"size": 40960}}, 40 + 1),
    ]
    for written, gib in sizes:
        request = replace(REQUEST, cloud_properties=written)
        disk = _body(written)["properties"]["storageProfile"]["osDisk"]
        assert (disk.get("diskSizeGB", 0), vms.system_disk_gib(vms.read_properties(request, SETTINGS))) == (gib, gib)


def test_of_an_ephemeral_and_a_root_disk_the_ephemeral_one_decides_and_the_other_is_a_remark() -> None:
    written: dict[str, JsonValue] = {
        "ephemeral_disk": {"use_root_disk": False, "type": "Premium_LRS", "caching": "None", "iops": 500},
        "root_disk": {"type": "Standard_LRS"},
        "caching": "ReadOnly",
    }
    disk = _body(written)["properties"]["storageProfile"]["osDisk"]
    assert (disk["managedDisk"]["storageAccountType"], disk["caching"]) == ("Premium_LRS", "None")
    found = vms.read_properties(replace(REQUEST, cloud_properties=written), SETTINGS)
    assert [remark.what for remark in unused_settings.of_vm(REQUEST, found)] == [
        f"Some cloud properties of VM 'web-0' have no effect on Azure: {name}."
        for name in ("ephemeral_disk.use_root_disk: false", "ephemeral_disk.iops", "root_disk.type", "caching")
    ]


def test_what_asks_for_nothing_more_is_taken() -> None:
    written: dict[str, JsonValue] = {"assign_dynamic_public_ip": False, "instance_type": "Standard_D2s_v5"}
    found = vms.read_properties(replace(REQUEST, cloud_properties=written), SETTINGS)
    assert vms.size_of(found, SETTINGS) == "Standard_D2s_v5"
    assert disks.read_properties({"caching": "None", "type": "gp3"}, where="a disk").caching == "None"


def _body(written: dict[str, JsonValue]) -> dict[str, Any]:
    request = replace(REQUEST, cloud_properties=written)
    parts = vms.AzureVmParts(nic_ids=["/n"], image=ImageReference(id="/i"))
    return vms.render_vm(request, SETTINGS, parts, places=requests.PLACES)
