"""The cloud configs of the bundle `cloud-foundry` fit their plugins, and the networks of the environments that ship."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.clouds.aws.wire import config as aws
from cpi.clouds.azure.wire import config as azure
from cpi.clouds.openstack.wire import config as openstack
from tests.unit.manifests.test_releases import MANIFESTS

CONFIGS = MANIFESTS / "cloud-foundry/cloud-configs"
PLUGINS = {"aws": aws, "azure": azure, "openstack": openstack}
_GROUPS = {"minimal", "small", "small-highmem", "medium"}
_EXTENSIONS = {"cf-router-network-properties", "cf-tcp-router-network-properties", "diego-ssh-proxy-network-properties"}
_SIZED = {"50GB_ephemeral_disk", "100GB_ephemeral_disk"}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def _names(config: Any, kind: str) -> set[str]:
    return {one["name"] for one in config[kind]}


@pytest.mark.parametrize("cloud", PLUGINS)
def test_cloud_properties_are_ones_that_the_plugin_knows(cloud: str) -> None:
    config, plugin = _read(CONFIGS / f"{cloud}.yml"), PLUGINS[cloud]
    for one in (*config["vm_types"], *config["vm_extensions"]):
        plugin.read_properties(plugin.VmProperties, one.get("cloud_properties", {}), where=one["name"])


@pytest.mark.parametrize("cloud", [*PLUGINS, "local"])
def test_each_has_what_cf_deployment_and_its_ops_file_of_the_cloud_name(cloud: str) -> None:
    config, usual = _read(CONFIGS / f"{cloud}.yml"), _read(MANIFESTS / f"cloud-configs/{cloud}.yml")
    # The ops file for OpenStack takes flavors with disks in place of the extensions.
    of_openstack = {"small-50GB-ephemeral-disk", "small-highmem-100GB-ephemeral-disk"} if cloud == "openstack" else set()
    assert _names(config, "vm_types") >= _GROUPS | of_openstack | {"default", config["compilation"]["vm_type"]}
    assert _names(config, "vm_extensions") == _EXTENSIONS | (set() if cloud == "openstack" else _SIZED)
    assert _names(config, "disk_types") == {"5GB", "10GB", "100GB"}
    assert (config["azs"], config["networks"]) == (usual["azs"], usual["networks"])
