"""Which place a cloud is, by its settings: another place is another identity, another spelling is not."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cpi import plugins
from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import CloudIdentity

AZURE: Mapping[str, Any] = {
    "subscription_id": "11111111-2222-3333-4444-555555555555",
    "tenant_id": "99999999-2222-3333-4444-555555555555",
    "location": "westeurope",
    "credentials": {"kind": "client_secret", "client_id": "c", "client_secret": "geheim"},
}
EXTERNAL: Mapping[str, Any] = {
    "stemcell": {"os": "linux", "version": "1"},
    "context": {"aws": {"region": "us-east-1", "secret_access_key": "geheim"}, "vcenters": [{"host": "v1"}]},
}


def _identity(folder: Path, plugin: str, properties: Mapping[str, Any]) -> CloudIdentity:
    settings = ConnectSettings(environment="lab", state_dir=str(folder / "state"), properties=properties)
    connected = plugins.find_plugin(plugin).connect(settings)
    assert connected.identity is not None
    return connected.identity.identify()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("subscription", {"subscription_id": "11111111-2222-3333-4444-666666666666"}),
        ("tenant", {"tenant_id": "99999999-2222-3333-4444-666666666666"}),
        ("region", {"location": "northeurope"}),
        ("resource group", {"resource_group_name": "theirs"}),
        ("endpoint", {"environment": "AzureChinaCloud"}),
    ],
)
def test_another_place_on_azure_differs_in_one_fact(tmp_path: Path, name: str, change: Mapping[str, str]) -> None:
    was, now = _identity(tmp_path, "azure", AZURE), _identity(tmp_path, "azure", {**AZURE, **change})
    assert {fact for fact in was.facts if was.facts[fact] != now.facts[fact]} == {name}


def test_another_spelling_on_azure_is_the_same_place(tmp_path: Path) -> None:
    spelled = {**AZURE, "location": "West Europe", "tenant_id": AZURE["tenant_id"].upper()}
    assert _identity(tmp_path, "azure", spelled) == _identity(tmp_path, "azure", AZURE)


def test_a_memory_cloud_of_another_region_is_another_place(tmp_path: Path) -> None:
    assert _identity(tmp_path, "memory", {}) != _identity(tmp_path, "memory", {"region": "memory-2"})


def test_a_local_cloud_is_told_by_machine_and_folder_and_nothing_is_started(tmp_path: Path) -> None:
    said = _identity(tmp_path, "local", {"state_root": str(tmp_path / "root")})
    assert set(said.facts) == {"machine", "folder"}
    assert said.facts["folder"] == str(tmp_path / "root")
    assert list(tmp_path.iterdir()) == []


def test_an_executable_is_told_by_the_places_in_its_properties_without_secrets(tmp_path: Path) -> None:
    said = _identity(tmp_path, f"exec:{_executable(tmp_path)}", EXTERNAL)
    assert said.facts == {"aws.region": "us-east-1", "vcenters.0.host": "v1"}
    assert said.title == "aws.region us-east-1, vcenters.0.host v1"


def test_an_executable_without_places_is_told_by_its_path(tmp_path: Path) -> None:
    path = _executable(tmp_path)
    said = _identity(tmp_path, f"exec:{path}", {**EXTERNAL, "context": {"password": "geheim"}})
    assert said.facts == {"executable": path}


def test_a_login_in_an_address_stays_out(tmp_path: Path) -> None:
    context = {"openstack": {"auth_url": "https://user:geheim@keystone:5000/v3"}}
    said = _identity(tmp_path, f"exec:{_executable(tmp_path)}", {**EXTERNAL, "context": context})
    assert said.facts == {"openstack.auth_url": "https://keystone:5000/v3"}


def _executable(folder: Path) -> str:
    path = folder / "cpi"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)
