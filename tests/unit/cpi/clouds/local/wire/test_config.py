"""What may be written for the local cloud."""

from pathlib import Path

import pytest

from cpi.clouds.local.plugin import PLUGIN
from cpi.clouds.local.wire import config
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError


def test_bosh_style_numbers_are_read() -> None:
    written = {"cpu": 2, "ram": 1024, "ephemeral_disk": 4096}

    read = config.read_properties(config.VmProperties, written, where="VM 'web'")

    assert (read.cpu, read.ram, read.ephemeral_disk) == (2, 1024, 4096)


def test_an_unknown_property_names_the_nearest_known_one() -> None:
    with pytest.raises(CloudError) as refused:
        config.read_properties(config.NetworkProperties, {"netwrok": "default"}, where="network 'a'")

    assert refused.value.code == "unknown-cloud-property"
    assert refused.value.fix == "Write 'network'."


def test_a_property_near_to_nothing_is_passed_over() -> None:
    read = config.read_properties(config.DiskProperties, {"zzz": 1, "type": None}, where="a disk")

    assert read == config.DiskProperties()


def test_a_property_of_the_wrong_type_is_told_with_its_place() -> None:
    with pytest.raises(CloudError) as refused:
        config.read_properties(config.VmProperties, {"ram": "much"}, where="VM 'web'")

    assert refused.value.code == "wrong-cloud-property"
    assert "ram" in refused.value.why


def test_settings_of_the_cloud_itself_are_checked_at_connect() -> None:
    settings = ConnectSettings(environment="e", state_dir="/nowhere", properties={"state_rot": "/x"})

    with pytest.raises(CloudError) as refused:
        PLUGIN.connect(settings)

    assert (refused.value.code, refused.value.fix) == ("cloud-config-invalid", "Write 'state_root'.")


def test_tags_of_the_environment_with_names_of_owner_keys_are_refused(tmp_path: Path) -> None:
    settings = ConnectSettings(
        environment="e", state_dir=str(tmp_path), properties={}, tags={"team": "blue", "compleat-environment": "x"}
    )
    with pytest.raises(CloudError) as caught:
        PLUGIN.connect(settings)

    assert (caught.value.code, list(tmp_path.iterdir())) == ("tag-name-reserved", [])
