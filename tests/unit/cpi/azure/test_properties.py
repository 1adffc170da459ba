"""Cloud properties of BOSH's Azure CPI: acted on, or refused; none is taken and forgotten."""

from dataclasses import replace

import pytest

from cpi.azure import disks, vms
from cpi.errors import NotSupportedError
from cpi.values import JsonValue
from tests.unit.cpi.azure import requests

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
    assert raised.value.code == "azure-property-not-supported"


@pytest.mark.parametrize("written", [{"caching": "ReadOnly"}, {"disk_encryption_set_name": "keys"}])
def test_what_nothing_acts_on_is_refused_for_a_disk(written: dict[str, JsonValue]) -> None:
    with pytest.raises(NotSupportedError) as raised:
        disks.read_properties(written, where="a disk")
    assert raised.value.code == "azure-property-not-supported"


def test_what_asks_for_nothing_more_is_taken() -> None:
    written: dict[str, JsonValue] = {"assign_dynamic_public_ip": False, "instance_type": "Standard_D2s_v5"}
    found = vms.read_properties(replace(REQUEST, cloud_properties=written), SETTINGS)
    assert vms.size_of(found, SETTINGS) == "Standard_D2s_v5"
    assert disks.read_properties({"caching": "None", "type": "gp3"}, where="a disk").caching == "None"
