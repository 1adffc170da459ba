"""AWS's environment and cloud config fit the plugin, the platform, and the landing zone that the plugin makes."""

import ipaddress
from pathlib import Path
from typing import Any

import pytest
import yaml

from cpi.clouds.aws.wire import config
from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.prices import price_list
from cpi.clouds.aws.machines.networks import subnet_facts
from cpi.contract.values import LandingSpec
from tests.unit.manifests.test_manifests import DEPLOYMENTS
from tests.unit.manifests.test_releases import MANIFESTS


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


CLOUD_CONFIG = _read(MANIFESTS / "cloud-configs/aws.yml")
ENVIRONMENT = _read(MANIFESTS / "environments/aws.yml")
SUBNETS = next(network for network in CLOUD_CONFIG["networks"] if network["name"] == "default")["subnets"]


def test_the_environments_properties_are_the_plugins() -> None:
    assert config.read_config(ENVIRONMENT["properties"]).region == "us-east-1"
    assert (MANIFESTS / "environments" / ENVIRONMENT["cloud_config"]).resolve().is_file()


def test_the_cloud_configs_subnets_are_those_of_the_landing_zone() -> None:
    settings = config.read_config(ENVIRONMENT["properties"])
    spec = LandingSpec(networks=ENVIRONMENT["networks"], public_names=tuple(ENVIRONMENT["public_names"]))
    made = [one for one in layout.landing_resources(spec, settings) if one.kind == layout.SUBNET]
    written = [(f"default-{subnet['az']}", subnet["range"]) for subnet in SUBNETS]
    assert [(one.name, one.properties["cidr"]) for one in made] == written


@pytest.mark.parametrize("subnet", SUBNETS, ids=lambda subnet: subnet["az"])
def test_what_aws_reserves_is_the_gateway_or_reserved(subnet: dict[str, Any]) -> None:
    cidr = ipaddress.IPv4Network(subnet["range"])
    kept = {cidr.network_address, cidr.broadcast_address, ipaddress.IPv4Address(subnet["gateway"])}
    for text in subnet["reserved"]:
        first, last = map(ipaddress.IPv4Address, text.split(" - "))
        kept |= {ipaddress.IPv4Address(number) for number in range(int(first), int(last) + 1)}
    first_of, last_of = subnet_facts([cidr]).first, subnet_facts([cidr]).last
    assert {*(cidr[number] for number in range(first_of)), *(cidr[-number] for number in range(1, last_of + 1))} <= kept
    assert all(ipaddress.IPv4Address(one) in cidr for text in subnet["static"] for one in text.split(" - "))


def test_cloud_properties_are_ones_the_plugin_knows_with_a_price() -> None:
    for one in CLOUD_CONFIG["vm_types"]:
        properties = config.read_properties(config.VmProperties, one["cloud_properties"], where=one["name"])
        assert properties.instance_type in price_list.SIZES


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_manifest_names_only_what_the_cloud_config_offers(name: str) -> None:
    offered = {
        kind: {one["name"] for one in CLOUD_CONFIG[kind]} for kind in ("azs", "networks", "vm_types", "disk_types")
    }
    for group in _read(DEPLOYMENTS[name])["instance_groups"]:
        assert set(group["azs"]) <= offered["azs"]
        assert {network["name"] for network in group["networks"]} <= offered["networks"]
        assert group["vm_type"] in offered["vm_types"]
        assert group.get("persistent_disk_type", "small") in offered["disk_types"]
