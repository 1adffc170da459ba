"""The door of a plugin names the cloud on every error, and changes nothing else."""

from pathlib import Path

import pytest

from cpi import plugins
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import VmCid

MISSING = VmCid("vm-nowhere")


def _settings(folder: Path, **properties: str) -> ConnectSettings:
    return ConnectSettings(environment="env", state_dir=str(folder), properties=properties)


@pytest.mark.parametrize(("called", "expected"), [("", "memory"), ("east", "east")])
def test_an_error_names_the_cloud_as_the_environment_calls_it_else_the_plugin(
    tmp_path: Path, called: str, expected: str
) -> None:
    connected = plugins.connect("memory", _settings(tmp_path), called=called)
    with pytest.raises(NotFoundError) as raised:
        connected.cloud.reboot_vm(MISSING)
    assert (raised.value.code, raised.value.cloud) == ("unknown-vm", expected)


def test_settings_that_a_plugin_refuses_name_it(tmp_path: Path) -> None:
    with pytest.raises(CloudError) as raised:
        plugins.connect("memory", _settings(tmp_path, regoin="here"))
    assert (raised.value.code, raised.value.cloud) == ("cloud-config-invalid", "memory")


def test_an_ability_that_a_cloud_lacks_stays_away_and_the_others_answer(tmp_path: Path) -> None:
    connected = plugins.connect("memory", _settings(tmp_path))
    plain = plugins.find_plugin("memory").connect(_settings(tmp_path))
    for ability in ("finder", "landing", "preflight", "power", "console", "pricing", "storage", "identity"):
        assert (getattr(connected, ability) is None) == (getattr(plain, ability) is None), ability
    assert (connected.name, connected.cloud.has_vm(MISSING)) == ("memory", False)
