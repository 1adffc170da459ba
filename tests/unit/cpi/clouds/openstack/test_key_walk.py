"""Every key that OpenStack's plugin accepts, sub-keys too, has an effect, is refused with an error, or is a remark."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.landing import layout
from cpi.clouds.openstack.preflight import unused_settings
from cpi.clouds.openstack.wire import config, credentials
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError
from cpi.contract.values import (
    ENVIRONMENT_ITSELF,
    DiskRequest,
    LandingResource,
    LandingSpec,
    NetworkKind,
    PreflightRequest,
    StemcellRequest,
    VmCid,
    VmRequest,
)
from cpi.kit import judge, properties
from tests.support import key_walk
from tests.support.key_walk import ABSENT, Acts, Document, Outcome, Saying, Says, ShownBy
from tests.unit.cpi import agents
from tests.unit.cpi.clouds.openstack.canned import SERVER, STEMCELL, CannedApi
from tests.unit.cpi.clouds.openstack.requests import OWNER, WRITTEN, settings, vm_request

_HERE = "tests/unit/cpi/clouds/openstack/test_key_walk.py"
DESCRIBED = ShownBy(f"{_HERE}::test_what_a_stemcell_says_of_itself_changes_nothing")
SENT = ShownBy(f"{_HERE}::test_a_disk_image_is_sent_with_what_nova_reads_of_it")
INVALID, UNUSED, UNUSED_SETTING = "cloud-config-invalid", "property-unused", "setting-unused"

VM: Mapping[str, Saying] = {
    "instance_type": Acts("m1.small", "m1.large"),
    "availability_zone": Acts("one", "other"),
    "availability_zones": Says(["one", "other"], UNUSED),
    "key_name": Acts("one", "other"),
    "security_groups": Acts(["one"], "other"),
    "scheduler_hints": Acts({"group": "one"}, {"group": "other"}),
    "root_disk.size": Acts(10, "20"),
    "root_disk.type": Says("ssd", "root-volume-type-not-supported"),
    "boot_from_volume": Acts(True, False),
    "config_drive": Acts(True, False),
    "allowed_address_pairs": Acts("10.0.0.8", ["10.0.0.9"]),
    "loadbalancer_pools[].name": Acts("one", "other", {"loadbalancer_pools[].port": 80}),
    "loadbalancer_pools[].port": Acts(80, "443", {"loadbalancer_pools[].name": "one"}),
}
DISK: Mapping[str, Saying] = {
    "type": Acts("ssd", "hdd"),
    "availability_zone": Acts("one", "other"),
}
NETWORK: Mapping[str, Saying] = {
    "net_id": Acts(ABSENT, "net-1"),
    "subnet_id": Acts("one", "other"),
    "network": Acts("default", "other"),
    "security_groups": Acts(["one"], "other"),
}
VIP: Mapping[str, Saying] = {"security_groups": Acts(["one"], ["other"])}
STEMCELL_TABLE: Mapping[str, Saying] = {
    "image_id": Acts("image-1", "image-2"),
    "architecture": Says("arm64", "image-architecture"),
    "disk_format": Acts("raw", "qcow2"),
    "container_format": Acts("bare", "ovf"),
    "os_type": Says("windows", "wrong-cloud-property"),
    "os_distro": SENT,
    "os_version": ShownBy("tests/integration/openstack/test_stock_images.py::test_the_newest_of_the_os_is_used"),
    "hypervisor": SENT,
    "auto_disk_config": SENT,
    **dict.fromkeys(("name", "version", "infrastructure", "disk", "root_device_name"), DESCRIBED),
}
_CREDENTIAL = {**dict.fromkeys(WRITTEN, ABSENT), "auth_url": "https://cloud:5000/v3"}
_OWN_CREDENTIAL = {**_CREDENTIAL, "application_credential_id": "one", "application_credential_secret": "hush"}
_YAML = ShownBy(f"{_HERE}::test_a_cloud_of_clouds_yaml_is_found_by_file_and_name")
SETTINGS: Mapping[str, Saying] = {
    "cloud": _YAML,
    "clouds_file": _YAML,
    "auth_url": Acts("https://one:5000/v3", "https://other:5000/v3"),
    "application_credential_id": Acts("one", "other", _OWN_CREDENTIAL),
    "application_credential_secret": Acts("one", "other", _OWN_CREDENTIAL),
    "username": Acts("me", "you"),
    "api_key": Acts("one", "other"),
    "project": Acts("one", "other"),
    "project_id": Acts("one", "other", {"project": ABSENT}),
    "tenant": Acts("one", "other", {"project": ABSENT}),
    "domain": Acts("one", "other"),
    "user_domain_name": Acts("one", "other"),
    "project_domain_name": Acts("one", "other"),
    "user_domain_id": Acts("one", "other"),
    "project_domain_id": Acts("one", "other"),
    "use_nova_networking": Says(False, UNUSED_SETTING),
    "enable_auto_anti_affinity": Says(True, UNUSED_SETTING),
    "region": Acts("one", "other"),
    "endpoint_type": Acts("internal", "public"),
    "connection_options.ca_cert": Acts("/one.pem", "/other.pem"),
    "connection_options.ssl_verify_peer": Acts(True, False),
    "connection_options.connect_timeout": Acts(5, 6),
    "connection_options.read_timeout": Acts(5, 6),
    "compute_api_version": Acts("2.60", "2.67"),
    "image": Acts("image-1", "image-2"),
    "default_os": Acts("debian", "ubuntu"),
    "default_version": Acts("12", "11"),
    "architecture": Says("arm64", "image-architecture", {"image": "image-1"}),
    "stemcell_images": ShownBy("tests/unit/cpi/clouds/test_stock_images.py::test_the_settings_name_another_image"),
    "stemcell_image.path": Acts("/one", "/other", {"stemcell_image.os": "mine", "stemcell_image.version": "1"}),
    "stemcell_image.os": Acts("one", "other", {"stemcell_image.path": "/i", "stemcell_image.version": "1"}),
    "stemcell_image.version": Acts("1", "2", {"stemcell_image.path": "/i", "stemcell_image.os": "one"}),
    "stemcell_public_visibility": SENT,
    "external_network": Acts("outside", "other"),
    "dns": Acts("192.0.2.1", ["192.0.2.2"]),
    "dns_names": Acts({"jumpbox": "one.example.org"}, {"jumpbox": "other.example.org"}),
    "public_ports": Acts([22], [22, 443]),
    "public_sources": Acts(["192.0.2.0/24"], "198.51.100.0/24"),
    "public_key": Acts("ssh-ed25519 AAAA one", "ssh-ed25519 AAAA other"),
    "container": Acts(True, False),
    "default_key_name": Acts("one", "other"),
    "default_security_groups": Acts(["one"], ["other"]),
    "default_volume_type": Acts("ssd", "hdd"),
    "boot_from_volume": Acts(True, False),
    "config_drive": Acts("", "disk"),
    "ignore_server_availability_zone": Acts(True, False),
    "use_dhcp": Acts(True, False),
    "human_readable_vm_names": Says(False, UNUSED_SETTING),
    "state_timeout": Says(300, UNUSED_SETTING),
    "wait_resource_poll_interval": Says(5, UNUSED_SETTING),
    "prices.currency": Acts("EUR", "USD", {"prices.as_of": "2026-01-01"}),
    "prices.as_of": Acts("2026-01-01", "2026-01-02", {"prices.currency": "EUR"}),
    **{
        f"prices.{key}": Acts(one, other, {"prices.currency": "EUR", "prices.as_of": "2026-01-01"})
        for key, one, other in (
            ("flavors", {"m1.small": "1"}, {"m1.small": "2"}),
            ("volume_gib", "1", "2"),
            ("floating_ip", "1", "2"),
        )
    },
}


def _connected(found: config.OpenStackConfig) -> tuple[ConnectedCloud, CannedApi]:
    api = CannedApi(found)
    return connect_cloud(found, OWNER.environment, api=api), api


def _created(request: VmRequest, found: config.OpenStackConfig) -> object:
    """Everything that is sent to OpenStack for a VM."""
    connected, api = _connected(found)
    connected.cloud.create_vm(replace(request, stemcell_cid=STEMCELL))
    return [(path, _without_networks(body)) for path, body in api.calls]


def _without_networks(body: Any) -> Any:
    """The metadata keep what networks were asked to be, acted on or not."""
    if not isinstance(body, dict):
        return body
    return {key: _without_networks(value) for key, value in body.items() if not key.startswith("compleat-networks")}


def _vm(document: Document) -> object:
    return _created(vm_request(**document), settings())


def _on_networks(**cloud_properties: Any) -> VmRequest:
    request = vm_request()
    networks = tuple(
        replace(
            one,
            cloud_properties=cloud_properties.get(one.kind.value, {}),
            ip="" if one.kind is not NetworkKind.VIP else one.ip,
        )
        for one in request.networks
    )
    return replace(request, networks=networks)


def _network(document: Document) -> object:
    return _created(_on_networks(manual=document), settings())


def _vip(document: Document) -> object:
    return _created(_on_networks(vip=document), settings())


def _disk(document: Document) -> object:
    connected, api = _connected(settings())
    connected.cloud.create_disk(
        DiskRequest(owner=OWNER, size_mib=1024, cloud_properties=document, vm_cid=VmCid(SERVER))
    )
    return api.calls


def _stemcell(document: Document) -> object:
    request = StemcellRequest(owner=OWNER, os="debian", version="12", cloud_properties=document)
    return _stemcell_under(request, settings())


def _stemcell_under(request: StemcellRequest, found: config.OpenStackConfig) -> object:
    read = config.read_properties(config.StemcellProperties, request.cloud_properties, where="a stemcell")
    path = stemcells.path_of(request, read, found)
    if path:
        return path
    connected, api = _connected(found)
    return connected.cloud.create_stemcell(request), api.calls


def _settings(document: Document) -> object:
    found = config.read_config(document)
    usual = found.stemcell()
    connected, api = _connected(found)
    assert connected.landing is not None
    landing = connected.landing.landing_resources(
        LandingSpec(networks={"default": "10.9.0.0/24"}, public_names=("jumpbox",))
    )
    for resource in (*landing, LandingResource(kind=layout.SUBNET, name="s", properties=_SUBNET)):
        if resource.kind in (layout.SUBNET, layout.ADDRESS, layout.GROUP):
            connected.landing.create_landing_resource(resource, replace(OWNER, deployment=ENVIRONMENT_ITSELF))
    disk = DiskRequest(owner=OWNER, size_mib=1024, cloud_properties={}, vm_cid=VmCid(SERVER))
    connected.cloud.create_disk(disk)
    request = replace(vm_request(), networks=vm_request().networks)
    asked = PreflightRequest(vms=(request,), disks=(disk,), landing=landing)
    session, region = api._session(), credentials.read_region(found).config
    return (
        usual,
        landing,
        api.calls,
        _created(request, found),
        _created(agents.with_agent(request), found),
        _stemcell_under(StemcellRequest(owner=OWNER, os=usual.os, version=usual.version), found),
        connected.pricing.price(asked) if connected.pricing else None,
        (session.timeout, session.verify, region["auth"], region["region_name"]),
        (api._interface, api._versions("compute")),
    )


_SUBNET: Mapping[str, Any] = {"network": "default", "cidr": "10.0.0.0/16"}
BASE: Mapping[str, Any] = {**WRITTEN, "region": "r", "external_network": "outside"}
WALKED: Mapping[str, tuple[type[properties.PropertiesModel], Mapping[str, Saying], Document, Outcome]] = {
    "vm": (config.VmProperties, VM, {}, _vm),
    "disk": (config.DiskProperties, DISK, {}, _disk),
    "network": (config.NetworkProperties, NETWORK, {}, _network),
    "vip": (config.VipProperties, VIP, {}, _vip),
    "stemcell": (config.StemcellProperties, STEMCELL_TABLE, {}, _stemcell),
    "settings": (config.OpenStackConfig, SETTINGS, BASE, _settings),
}


@pytest.mark.parametrize("name", WALKED)
def test_no_key_is_silent(name: str) -> None:
    model, said, _, _ = WALKED[name]
    assert key_walk.silent_keys(model, said) == []


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, walked in WALKED.items() for path in walked[1]])
def test_what_is_said_of_a_key_is_so(name: str, path: str) -> None:
    _, said, base, outcome = WALKED[name]
    assert key_walk.wrong_with(path, said[path], base, outcome=outcome, codes_of=lambda one: _codes(outcome, one)) == ""


def test_a_root_volume_has_a_type_where_nova_takes_one() -> None:
    def created(kind: str) -> object:
        return _created(vm_request(root_disk={"type": kind}), settings(compute_api_version="2.67"))

    assert created("ssd") != created("hdd")


@pytest.mark.parametrize(
    ("outcome", "written", "code"),
    [
        (_vm, {"availability_zone": "a", "availability_zones": ["a"]}, "zones-written-twice"),
        (_vm, {"boot_from_volume": False, "root_disk": {"size": 10}}, "root-disk-without-volume"),
        (_network, {"net_id": "net-1", "network": "default"}, UNUSED),
        (_vip, {"net_id": "net-1"}, UNUSED),
        (_vip, {"network": "default"}, UNUSED),
        (_settings, {**WRITTEN, "clouds_file": "/f"}, INVALID),
        (_settings, {**WRITTEN, "tenant": "work"}, INVALID),
        (_settings, {"cloud": "mine", "project": "work"}, INVALID),
        (_settings, {"cloud": "mine", "auth_url": "https://cloud:5000/v3"}, INVALID),
        (_settings, {**WRITTEN, "application_credential_id": "a", "application_credential_secret": "b"}, INVALID),
        (
            _settings,
            {**BASE, "connection_options": {"ca_cert": "/f", "ssl_verify_peer": False}},
            UNUSED_SETTING,
        ),
    ],
)
def test_of_two_that_exclude_each_other_neither_is_silent(outcome: Outcome, written: Any, code: str) -> None:
    assert _codes(outcome, written) == {code}


def test_one_zone_of_several_acts() -> None:
    assert _vm({"availability_zones": ["one"]}) != _vm({"availability_zones": ["other"]})
    assert _codes(_vm, {"availability_zones": ["one"]}) == set()


def test_a_cloud_of_clouds_yaml_is_found_by_file_and_name(tmp_path: Path) -> None:
    login = "{auth_url: 'https://c', username: %s, password: p, project_name: w}"
    file = tmp_path / "clouds.yaml"
    file.write_text(f"clouds: {{one: {{auth: {login % 'me'}}}, other: {{auth: {login % 'you'}}}}}")

    def user(cloud: str) -> object:
        found = config.read_config({"cloud": cloud, "clouds_file": str(file)})
        return credentials.read_region(found).config["auth"]["username"]

    assert (user("one"), user("other")) == ("me", "you")


def test_what_a_stemcell_says_of_itself_changes_nothing() -> None:
    described: dict[str, Any] = {"name": "bosh-openstack", "version": "1.1", "infrastructure": "openstack"}
    described |= {"disk": "3072", "root_device_name": "/dev/vda", "os_type": "linux"}
    assert _stemcell(described) == _stemcell({})


def test_a_disk_image_is_sent_with_what_nova_reads_of_it() -> None:
    written: dict[str, Any] = {"os_type": "linux", "os_distro": "ubuntu", "hypervisor": "kvm", "auto_disk_config": True}
    request = StemcellRequest(owner=OWNER, os="mine", version="1", cloud_properties=written)
    plain = stemcells.write_record(replace(request, cloud_properties={}), None, version="1", config=settings())
    record = stemcells.write_record(request, None, version="1", config=settings(stemcell_public_visibility=True))
    assert {key: value for key, value in record.items() if plain.get(key) != value} == {
        "visibility": "public",
        "os_type": "linux",
        "os_distro": "ubuntu",
        "hypervisor_type": "kvm",
        "auto_disk_config": "true",
    }


def _codes(outcome: Outcome, document: Document) -> set[str]:
    """What a document is refused with, or remarked in preflight."""
    try:
        outcome(document)
    except CloudError as error:
        return {error.code}
    if outcome is _settings:
        return {one.code for one in unused_settings.of_settings(config.read_config(document))}
    if outcome not in (_vm, _network, _vip):
        return set()
    on = _on_networks(manual=document) if outcome is _network else _on_networks(vip=document)
    request = vm_request(**document) if outcome is _vm else on
    ignored = judge.ignored_properties(PreflightRequest(vms=(request,)), unused_settings.MODELS, cloud="OpenStack")
    return {one.code for one in (*unused_settings.of_vms([request]), *ignored)}
