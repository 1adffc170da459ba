"""Cloud properties of BOSH's Azure CPI: acted on, or refused; none is taken and forgotten."""

from dataclasses import replace

import pytest

from cpi.clouds.azure.images.stemcells import ImageReference
from cpi.clouds.azure.machines import disks, vms
from cpi.contract.errors import CloudError, NotSupportedError
from cpi.contract.values import JsonValue
from tests.unit.cpi.clouds.azure import requests

SETTINGS = requests.settings()
REQUEST = requests.vm()


@pytest.mark.parametrize(
    "written",
    [
        {"managed_identity": {"type": "SystemAssigned"}},
        {"assign_dynamic_public_ip": True},
        {"root_disk": {"disk_encryption_set_name": "keys"}},
        {"ephemeral_disk": {"use_root_disk": True, "disk_encryption_set_name": "keys"}},
        {"ephemeral_disk": {"use_root_disk": False}},
        {"application_gateway": "gateway"},
        {"storage_account_name": "account"},
        {"capacity_reservation_group": "group"},
        {"resource_group_name": "another"},
    ],
)
def test_what_nothing_acts_on_is_refused_for_a_vm(written: dict[str, JsonValue]) -> None:
    with pytest.raises(NotSupportedError) as raised:
        vms.read_properties(replace(REQUEST, cloud_properties=written), SETTINGS)
    assert raised.value.code == "property-not-supported"


@pytest.mark.parametrize("written", [{"caching": "ReadOnly"}, {"disk_encryption_set_name": "keys"}])
def test_what_nothing_acts_on_is_refused_for_a_disk(written: dict[str, JsonValue]) -> None:
    with pytest.raises(NotSupportedError) as raised:
        disks.read_properties(written, where="a disk")
    assert raised.value.code == "property-not-supported"


def test_an_ephemeral_disk_is_a_part_of_the_root_disk_which_grows_by_it() -> None:
    """BOSH's bootloader writes 20 GiB into every vm_type, and 50 or 100 into extensions."""
    sizes = [
        ({}, 0),
        ({"ephemeral_disk": {"size": 20480}}, 30 + 20),
        ({"ephemeral_disk": {"size": 20481, "use_root_disk": True}}, 30 + 21),
        ({"ephemeral_disk": {"size": 1024}, "root_disk": {"size": 40960}}, 40 + 1),
    ]
    for written, gib in sizes:
        request = replace(REQUEST, cloud_properties=written)
        body = vms.render_vm(request, SETTINGS, nic_ids=["/n"], image=ImageReference(id="/i"))
        disk = body["properties"]["storageProfile"]["osDisk"]
        assert (disk.get("diskSizeGB", 0), vms.system_disk_gib(vms.read_properties(request, SETTINGS))) == (gib, gib)


def test_what_only_a_disk_of_its_own_could_have_is_refused_with_what_to_write_instead() -> None:
    written: dict[str, JsonValue] = {"ephemeral_disk": {"size": 1024, "type": "Premium_LRS"}}
    with pytest.raises(CloudError) as raised:
        vms.read_properties(replace(REQUEST, cloud_properties=written), SETTINGS)
    assert raised.value.code == "ephemeral-disk-differs"
    assert "Set root_disk: {type: Premium_LRS}" in raised.value.fix
    same = {**written, "root_disk": {"type": "Premium_LRS"}}
    assert vms.system_disk_type(vms.read_properties(replace(REQUEST, cloud_properties=same), SETTINGS)) == "Premium_LRS"


def test_what_asks_for_nothing_more_is_taken() -> None:
    written: dict[str, JsonValue] = {"assign_dynamic_public_ip": False, "instance_type": "Standard_D2s_v5"}
    found = vms.read_properties(replace(REQUEST, cloud_properties=written), SETTINGS)
    assert vms.size_of(found, SETTINGS) == "Standard_D2s_v5"
    assert disks.read_properties({"caching": "None", "type": "gp3"}, where="a disk").caching == "None"
