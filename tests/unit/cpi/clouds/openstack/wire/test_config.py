"""The valid settings, and the errors of invalid ones."""

import pytest

from cpi.clouds.openstack.wire import config
from cpi.clouds.openstack.wire.config import DiskProperties, NetworkProperties, VmProperties
from cpi.contract.errors import CloudError
from cpi.contract.values import JsonValue
from tests.unit.cpi.clouds.openstack.requests import WRITTEN, settings


def test_the_secrets_are_in_no_repr() -> None:
    credential = {"application_credential_id": "a", "application_credential_secret": "verborgen"}
    reported = repr(settings()) + repr(config.read_config({"auth_url": "http://c/v3", **credential}))
    assert "geheim" not in reported
    assert "verborgen" not in reported


@pytest.mark.parametrize(
    "written",
    [
        {"project": "work"},
        {**WRITTEN, "api_key": ""},
        {**WRITTEN, "project": ""},
        {**WRITTEN, "auth_url": "cloud:5000"},
        {**WRITTEN, "usernam": "me"},
        {"auth_url": "http://c/v3", "application_credential_id": "a"},
    ],
)
def test_half_a_login_is_refused_and_no_value_repeated(written: dict[str, JsonValue]) -> None:
    with pytest.raises(CloudError) as caught:
        config.read_config(written)
    assert caught.value.code == "cloud-config-invalid"
    assert "geheim" not in f"{caught.value} {caught.value.why} {caught.value.fix}"


def test_a_cloud_of_clouds_yaml_is_a_whole_login() -> None:
    assert config.read_config({"cloud": "mine"}).cloud == "mine"


def test_bosh_s_properties_are_taken() -> None:
    vm: dict[str, JsonValue] = {
        "instance_type": "m1.small",
        "availability_zone": "nova",
        "key_name": "k",
        "security_groups": ["a"],
        "scheduler_hints": {"group": "g"},
        "root_disk": {"size": "10"},
        "boot_from_volume": True,
        "loadbalancer_pools": [{"name": "p", "port": 80}],
        "allowed_address_pairs": "10.0.0.9",
    }
    assert config.read_properties(VmProperties, vm, where="VM 'a'").root_disk is not None
    config.read_properties(DiskProperties, {"type": "SSD"}, where="a disk")
    config.read_properties(NetworkProperties, {"net_id": "n", "security_groups": ["a"]}, where="network 'a'")


def test_an_unknown_property_is_refused_with_the_nearest() -> None:
    with pytest.raises(CloudError) as caught:
        config.read_properties(VmProperties, {"instance_typ": "m1.small"}, where="VM 'a'")
    assert (caught.value.code, caught.value.fix) == ("unknown-cloud-property", "Write 'instance_type'.")


def test_the_interface_has_its_short_name() -> None:
    assert settings(endpoint_type="internalURL").interface() == "internal"
