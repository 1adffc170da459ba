"""The manifests we ship fit the cloud config, the releases and the bundle they belong to."""

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.manifests.test_releases import MANIFESTS, read_jobs

DEPLOYMENTS = {
    "platform": MANIFESTS / "platform/platform.yml",
    "hello": MANIFESTS / "examples/hello/hello.yml",
}
# What `up` gives to a bundle's manifests, beside their own variables.
_GIVEN = {"console_public_ip", "console_public_host"}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_every_yaml_file_parses() -> None:
    """A map, or a list of operations."""
    read = {path: _read(path) for path in MANIFESTS.rglob("*.yml")}
    assert len(read) >= 7
    others = {path: document for path, document in read.items() if not isinstance(document, dict)}
    assert all(each.keys() >= {"type", "path"} for document in others.values() for each in document), others


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_manifest_names_only_what_the_local_cloud_config_offers(name: str) -> None:
    offered = {
        kind: {one["name"] for one in _read(MANIFESTS / "cloud-configs/local.yml")[kind]}
        for kind in ("azs", "networks", "vm_types", "disk_types")
    }
    for group in _read(DEPLOYMENTS[name])["instance_groups"]:
        assert set(group["azs"]) <= offered["azs"]
        assert {network["name"] for network in group["networks"]} <= offered["networks"]
        assert group["vm_type"] in offered["vm_types"]
        assert group.get("persistent_disk_type", "small") in offered["disk_types"]


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_manifest_sets_every_property_without_default_and_no_unknown_one(name: str) -> None:
    jobs = read_jobs(name)
    for group in _read(DEPLOYMENTS[name])["instance_groups"]:
        for used in group["jobs"]:
            written = set(_dotted(used.get("properties", {})))
            declared = {definition.name: definition.default for definition in jobs[used["name"]].properties}
            assert written <= set(declared)
            assert {key for key, default in declared.items() if default is None} <= written


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_every_placeholder_is_a_variable_and_every_variable_is_used(name: str) -> None:
    text = DEPLOYMENTS[name].read_text()
    used = {placeholder.partition(".")[0] for placeholder in re.findall(r"\(\(([^)]+)\)\)", text)}
    variables = _read(DEPLOYMENTS[name]).get("variables", [])
    authorities = {one["options"]["ca"] for one in variables if "ca" in one.get("options", {})}
    assert (used | authorities) - _GIVEN == {one["name"] for one in variables}


@pytest.mark.parametrize("name", DEPLOYMENTS)
def test_a_release_lies_beside_its_manifest(name: str) -> None:
    (release,) = _read(DEPLOYMENTS[name])["releases"]
    assert release == {"name": name, "version": "create", "url": "file://release"}
    assert (DEPLOYMENTS[name].parent / "release/config/final.yml").is_file()


def test_an_authority_comes_before_the_certificates_it_signs() -> None:
    names = [one["name"] for one in _read(DEPLOYMENTS["platform"])["variables"]]
    assert names.index("platform_ca") < names.index("console_tls")


def test_the_bundle_reports_what_its_manifest_has() -> None:
    index = _read(MANIFESTS / "platform/index.yml")
    manifest = _read(MANIFESTS / "platform" / index["deployments"][0]["manifest"])
    groups = {group["name"]: group for group in manifest["instance_groups"]}
    errands = [name for name, group in groups.items() if group.get("lifecycle") == "errand"]
    (console,) = groups["console"]["jobs"]
    variables = {one["name"] for one in manifest["variables"]}
    defaults = {one.name: one.default for one in read_jobs("platform")["console"].properties}
    reported = index["report"]["console"]
    assert index["deployments"][0]["errands"] == errands
    assert (reported["deployment"], reported["instance_group"], reported["job"]) == ("platform", "console", "console")
    assert (reported["port"], reported["user"]) == (defaults["port"], console["properties"]["admin_user"])
    assert f"(({reported['password']}))" == console["properties"]["admin_password"]
    assert {reported["password"], reported["ca"]} <= variables


def test_the_local_cloud_config_has_room_and_its_ranges_agree() -> None:
    config = _read(MANIFESTS / "cloud-configs/local.yml")
    (subnet,) = next(network for network in config["networks"] if network["name"] == "default")["subnets"]
    network = ipaddress.IPv4Network(subnet["range"])
    ranges = [tuple(map(ipaddress.IPv4Address, text.split(" - "))) for text in subnet["reserved"] + subnet["static"]]
    assert ipaddress.IPv4Address(subnet["gateway"]) in network
    assert all(first in network and last in network and first <= last for first, last in ranges)
    assert config["compilation"]["vm_type"] in {one["name"] for one in config["vm_types"]}
    assert config["compilation"]["az"] in subnet["azs"]


def _dotted(values: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= _dotted(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return flat
