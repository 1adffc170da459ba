"""Every key that AWS's plugin accepts, sub-keys too, has an effect, is refused with an error, or is a remark."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from cpi.clouds.aws.connect import connect_cloud
from cpi.clouds.aws.images import stemcells
from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.machines import disks, vms
from cpi.clouds.aws.preflight import unused_settings
from cpi.clouds.aws.wire import config, credentials
from cpi.contract.errors import CloudError
from cpi.contract.values import (
    DiskRequest,
    Finding,
    LandingSpec,
    NetworkKind,
    PreflightRequest,
    StemcellRequest,
    VmCid,
    VmRequest,
)
from cpi.kit import judge, properties
from tests.support import key_walk
from tests.support.key_walk import Acts, Document, Outcome, Saying, Says, ShownBy
from tests.unit.cpi import agents
from tests.unit.cpi.clouds.aws import requests
from tests.unit.cpi.clouds.aws.canned import INSTANCE, SUBNETS, CannedApi

_HERE = "tests/unit/cpi/clouds/aws/test_key_walk.py"
_AWS = "tests/integration/aws"
REFUSED = "property-not-supported"
UNUSED = "property-unused"
SENT = ShownBy(f"{_HERE}::test_a_disk_image_is_registered_as_the_stemcell_says")
ENCRYPTED = ShownBy(
    "tests/integration/aws/test_bosh_calls.py"
    "::test_an_encrypted_stemcell_is_one_whose_disks_are_encrypted_by_the_settings"
)
DESCRIBED = ShownBy(f"{_HERE}::test_what_a_stemcell_says_of_itself_changes_nothing")
KEYS_SIGN_IN = ShownBy(f"{_HERE}::test_the_keys_of_the_settings_are_what_signs_in")
SIGNED_IN = ShownBy(f"{_AWS}/test_sign_in.py::test_a_broken_sign_in_is_told_with_what_helps")
ROLE = ShownBy(f"{_AWS}/test_roles.py::test_a_role_is_taken_on_as_the_settings_say")
ENDPOINTS = ShownBy(f"{_AWS}/test_roles.py::test_services_are_reached_where_the_settings_say")
KEY, OTHER_KEY = "arn:aws:kms:us-east-1:1:key/one", "arn:aws:kms:us-east-1:1:key/other"

VM: Mapping[str, Saying] = {
    "instance_type": Acts("t3.micro", "t3.small"),
    "availability_zone": Acts("us-east-1a", "us-east-1b"),
    "security_groups": Acts(["one"], "other"),
    "key_name": Acts("one", "other"),
    "iam_instance_profile": Acts("one", "other"),
    "placement_group": Acts("one", "other"),
    "tenancy": Acts("default", "dedicated"),
    "auto_assign_public_ip": Acts(False, True),
    "source_dest_check": Acts(True, False),
    "raw_instance_storage": Says(True, REFUSED),
    "metadata_options.http_tokens": Acts("optional", "required"),
    "metadata_options.http_protocol_ipv6": Acts("enabled", "disabled"),
    "metadata_options.instance_metadata_tags": Acts("enabled", "disabled"),
    "metadata_options.http_put_response_hop_limit": Acts(1, 2),
    "metadata_options.http_endpoint": Acts("enabled", "disabled"),
    "tags": Acts({"n": 1}, {"n": True}),
    "spot_bid_price": Acts(0.1, 0.2),
    "spot_ondemand_fallback": Says(True, UNUSED),
    "root_disk.size": Acts(20480, 40960),
    "root_disk.type": Acts("gp2", "gp3"),
    "root_disk.iops": Acts(3000, 4000),
    "root_disk.throughput": Acts(125, 250),
    "ephemeral_disk.size": Acts(10240, 20480),
    "ephemeral_disk.type": Acts("gp2", "gp3"),
    "ephemeral_disk.iops": Acts(3000, 4000),
    "ephemeral_disk.throughput": Acts(125, 250),
    "ephemeral_disk.encrypted": Says(False, UNUSED),
    "ephemeral_disk.kms_key_arn": Acts(KEY, OTHER_KEY),
    "ephemeral_disk.use_instance_storage": Says(True, REFUSED),
    "ephemeral_disk.use_root_disk": Acts(False, True),
    "lb_target_groups": Acts(["one"], ["other"]),
    "elbs": Acts(["one"], "other"),
    "advertised_routes[].table_id": Acts("rtb-1", "rtb-2", {"advertised_routes[].destination": "10.0.0.0/8"}),
    "advertised_routes[].destination": Acts("10.0.0.0/8", "10.1.0.0/16", {"advertised_routes[].table_id": "rtb-1"}),
}
AGENT_VM: Mapping[str, Saying] = {
    **{key: saying for key, saying in VM.items() if not key.startswith("ephemeral_disk.")},
    "spot_ondemand_fallback": ShownBy(
        f"{_AWS}/test_vm_creation.py::test_spot_falls_back_to_on_demand_only_where_that_is_allowed"
    ),
    "ephemeral_disk.size": Acts(10240, 20480),
    "ephemeral_disk.type": Acts("gp2", "gp3"),
    "ephemeral_disk.iops": Acts(3000, 4000),
    "ephemeral_disk.throughput": Acts(125, 250),
    "ephemeral_disk.kms_key_arn": Acts(KEY, OTHER_KEY),
    **{f"ephemeral_disk.{key}": Acts(True, False) for key in ("encrypted", "use_instance_storage", "use_root_disk")},
}
DISK: Mapping[str, Saying] = {
    "type": Acts("gp2", "gp3"),
    "iops": Acts(3000, 4000),
    "throughput": Acts(125, 250),
    "encrypted": Acts(True, False),
    "kms_key_arn": Acts(KEY, OTHER_KEY),
    "tags": Acts({"n": 1}, {"n": True}),
    "availability_zone": Acts("us-east-1b", "us-east-1c"),
}
NETWORK: Mapping[str, Saying] = {
    "subnet": Acts(SUBNETS["default-z1"][0], SUBNETS["default-z2"][0]),
    "security_groups": Acts(["one"], ["other"]),
    "network": Acts("default", "other"),
}
VIP: Mapping[str, Saying] = {"security_groups": Acts(["one"], ["other"])}
STEMCELL: Mapping[str, Saying] = {
    "ami": Acts({"us-east-1": "ami-1"}, {"us-east-1": "ami-2"}),
    "image_id": Acts("ami-1", "ami-2"),
    "ssm_parameter": Acts("/one", "/other"),
    "architecture": Acts("x86_64", "arm64"),
    "tags": Acts({"a": "b"}, {"a": "c"}),
    "encrypted": ENCRYPTED,
    "kms_key_arn": Says("arn:aws:kms:us-east-1:1:key/x", "stemcell-encryption-differs"),
    "kernel_id": Says("aki-1", "property-not-supported"),
    "root_device_name": SENT,
    "boot_mode": SENT,
    "os_type": Says("windows", "wrong-cloud-property"),
    "virtualization_type": Says("paravirtual", "wrong-cloud-property"),
    **dict.fromkeys(
        (
            *("name", "version", "infrastructure", "disk", "disk_format", "container_format"),
            *("os_distro", "hypervisor"),
        ),
        DESCRIBED,
    ),
}
_KEYS = {"access_key_id": "AKIA", "secret_access_key": "hush"}
_NAMES = ShownBy(f"{_AWS}/test_dns_names.py::test_a_name_is_made_found_and_deleted_with_the_landing_zone")
SETTINGS: Mapping[str, Saying] = {
    "region": Acts("us-east-1", "us-west-2"),
    "zones": Acts(["us-east-1a"], ["us-east-1b"]),
    "access_key_id": KEYS_SIGN_IN,
    "secret_access_key": KEYS_SIGN_IN,
    "session_token": Says("token", "cloud-config-invalid"),
    "profile": SIGNED_IN,
    "role_arn": ShownBy(f"{_AWS}/test_bad_settings.py::test_a_role_is_taken_on_once"),
    **dict.fromkeys(("external_id", "role_session_name", "role_duration_s"), ROLE),
    "credentials_source": Says("static", "cloud-config-invalid"),
    **dict.fromkeys(("ec2_endpoint", "elb_endpoint", "dualstack"), ENDPOINTS),
    "enable_describe_instance_types": Says(True, "setting-unused"),
    "endpoint_url": ShownBy(f"{_AWS}/test_told_settings.py::test_what_is_wrong_is_told_by_its_code"),
    "ca": ShownBy(f"{_AWS}/test_landing.py::test_vms_are_told_what_to_trust_where_it_is_not_the_usual"),
    "default_key_name": Acts("one", "other"),
    "default_security_groups": Acts(["one"], ["other"]),
    "default_iam_instance_profile": Acts("one", "other"),
    "encrypted": Acts(True, False),
    "kms_key_arn": Acts(KEY, OTHER_KEY),
    "metadata_options.http_tokens": Acts("optional", "required"),
    "metadata_options.http_protocol_ipv6": Acts("enabled", "disabled"),
    "metadata_options.instance_metadata_tags": Acts("enabled", "disabled"),
    "metadata_options.http_put_response_hop_limit": Acts(1, 2),
    "metadata_options.http_endpoint": Acts("enabled", "disabled"),
    "max_retries": Says(8, "setting-unused"),
    "default_os": Acts("debian", "ubuntu"),
    "default_version": Acts("12", "13"),
    "architecture": Acts("x86_64", "arm64"),
    "stemcell_images": ShownBy("tests/unit/cpi/clouds/test_stock_images.py::test_the_settings_name_another_image"),
    "stemcell_image.path": Acts("/one", "/other", {"stemcell_image.os": "mine", "stemcell_image.version": "1"}),
    "stemcell_image.os": Acts("one", "other", {"stemcell_image.path": "/i", "stemcell_image.version": "1"}),
    "stemcell_image.version": Acts("1", "2", {"stemcell_image.path": "/i", "stemcell_image.os": "one"}),
    "public_ports": Acts([22], [22, 443]),
    "public_sources": Acts(["192.0.2.0/24"], "198.51.100.0/24"),
    "private_networks": Acts([], ["inner"]),
    "public_key": Acts("ssh-ed25519 AAAA one", "ssh-ed25519 AAAA other"),
    "dns_names": Acts({"jumpbox": "one.example.org"}, {"jumpbox": "other.example.org"}, {"hosted_zone_id": "Z1"}),
    "hosted_zone_id": _NAMES,
    "bucket": Acts(True, False),
}


def _created(request: VmRequest, settings: config.AwsConfig) -> object:
    """Everything that is sent to AWS for a VM."""
    api = CannedApi(settings)
    connect_cloud(settings, requests.OWNER.environment, api=api).cloud.create_vm(request)
    return [(operation, {**sent, "TagSpecifications": _plain_tags(sent)}) for operation, sent in api.calls]


def _plain_tags(sent: Mapping[str, Any]) -> object:
    """Without what a VM's networks were asked to be: tags keep what was written, acted on or not."""
    return [
        (one["ResourceType"], [tag for tag in one["Tags"] if "compleat-networks" not in tag["Key"]])
        for one in sent.get("TagSpecifications", ())
    ]


def _dynamic() -> Any:  # without an address of the VM's own its zone decides on the subnet
    return requests.network(kind=NetworkKind.DYNAMIC, ip=None)


def _vm(document: Document) -> object:
    return _created(requests.vm(_dynamic(), **document), requests.config())


def _agent_vm(document: Document) -> object:
    return _created(agents.with_agent(requests.vm(_dynamic(), **document)), requests.config())


def _network(document: Document) -> object:
    return _created(_networked(_network, document), requests.config())


def _vip(document: Document) -> object:
    return _created(_networked(_vip, document), requests.config())


def _disk(document: Document) -> object:
    request = DiskRequest(owner=requests.OWNER, size_mib=1024, cloud_properties=document, vm_cid=VmCid(INSTANCE))
    api = CannedApi(requests.config())
    connect_cloud(requests.config(), "env", api=api).cloud.create_disk(request)
    return api.calls


def _stemcell(document: Document) -> object:
    request = StemcellRequest(owner=requests.OWNER, os="debian", version="12", cloud_properties=document)
    return _stemcell_under(request, requests.config())


def _stemcell_under(request: StemcellRequest, settings: config.AwsConfig) -> object:
    read = stemcells.read_stemcell_properties(request, settings)
    path = stemcells.path_of(request, read, settings)
    if path:
        return path
    api = CannedApi(settings)
    return connect_cloud(settings, "env", api=api).cloud.create_stemcell(request), api.calls


def _settings(document: Document) -> object:
    settings = config.read_config(document)
    usual = settings.stemcell()
    disk = DiskRequest(owner=requests.OWNER, size_mib=1024, cloud_properties={})
    request = StemcellRequest(owner=requests.OWNER, os=usual.os, version=usual.version)
    spec = LandingSpec(networks={"default": "10.0.0.0/16", "inner": "10.1.0.0/16"}, public_names=("jumpbox",))
    api = CannedApi(settings)
    connect_cloud(settings, "env", api=api).cloud.create_disk(disk)
    return (
        usual,
        _created(requests.vm(_dynamic()), settings),
        api.calls,
        _stemcell_under(request, settings),
        layout.landing_resources(spec, settings),
    )


BASE = {"region": "us-east-1"}
WALKED: Mapping[str, tuple[type[properties.PropertiesModel], Mapping[str, Saying], Document, Outcome]] = {
    "vm": (config.VmProperties, VM, {}, _vm),
    "vm of a bosh-agent": (config.VmProperties, AGENT_VM, {}, _agent_vm),
    "disk": (config.DiskProperties, DISK, {}, _disk),
    "network": (config.NetworkProperties, NETWORK, {}, _network),
    "vip": (config.VipProperties, VIP, {}, _vip),
    "stemcell": (config.StemcellProperties, STEMCELL, {}, _stemcell),
    "settings": (config.AwsConfig, SETTINGS, BASE, _settings),
}


@pytest.mark.parametrize("name", WALKED)
def test_no_key_is_silent(name: str) -> None:
    assert key_walk.silent_keys(*WALKED[name][:2]) == []


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, walked in WALKED.items() for path in walked[1]])
def test_what_is_said_of_a_key_is_so(name: str, path: str) -> None:
    _, said, base, outcome = WALKED[name]
    assert key_walk.wrong_with(path, said[path], base, outcome=outcome, codes_of=lambda one: _codes(outcome, one)) == ""


@pytest.mark.parametrize(
    ("beside", "written", "code"),
    [
        ("use_root_disk", {"size": 10240}, UNUSED),
        ("use_root_disk", {"type": "gp2"}, UNUSED),
        ("use_root_disk", {"iops": 3000}, UNUSED),
        ("use_root_disk", {"throughput": 125}, UNUSED),
        ("use_root_disk", {"encrypted": True}, UNUSED),
        ("use_root_disk", {"kms_key_arn": KEY}, UNUSED),
        ("use_root_disk", {"use_instance_storage": True}, UNUSED),
        ("encrypted", {"encrypted": False, "kms_key_arn": KEY}, "key-without-encryption"),
    ],
)
def test_what_an_ephemeral_disk_cannot_be_is_said(beside: str, written: dict[str, Any], code: str) -> None:
    assert code in _codes(_vm, {"ephemeral_disk": {beside: True, **written}})


@pytest.mark.parametrize("key", ["size", "type", "iops", "throughput", "encrypted", "kms_key_arn"])
def test_instance_storage_takes_no_other_setting(key: str) -> None:
    value = {"type": "gp2", "encrypted": True, "kms_key_arn": KEY}.get(key, 3000)
    document = {"ephemeral_disk": {"use_instance_storage": True, key: value}}
    assert _codes(_agent_vm, document) == {"instance-storage-with-settings"}


@pytest.mark.parametrize(("key", "root", "own"), [("type", "gp2", "gp3"), ("iops", 3000, 4000), ("throughput", 125, 9)])
def test_an_ephemeral_disk_that_differs_from_the_root_disk_it_is_a_part_of_decides_for_both(
    key: str, root: object, own: object
) -> None:
    assert _codes(_vm, {"root_disk": {key: root}, "ephemeral_disk": {key: own}}) == {UNUSED}
    assert _vm({"root_disk": {key: root}, "ephemeral_disk": {key: own}}) == _vm({"ephemeral_disk": {key: own}})
    assert _codes(_agent_vm, {"root_disk": {key: root}, "ephemeral_disk": {key: own}}) == set()


def test_a_disk_with_a_key_and_without_encryption_is_refused() -> None:
    assert _codes(_disk, {"kms_key_arn": KEY, "encrypted": False}) == {"key-without-encryption"}
    plain = requests.config(encrypted=False)
    with pytest.raises(CloudError, match="key-without-encryption"):
        disks.read_disk_properties({"kms_key_arn": KEY}, plain)
    assert disks.read_disk_properties({"kms_key_arn": KEY, "encrypted": True}, plain)


def test_a_network_that_a_subnet_makes_pointless_draws_a_remark() -> None:
    document = {"subnet": SUBNETS["default-z1"][0], "network": "other"}
    assert _codes(_network, document) == {UNUSED}


@pytest.mark.parametrize("key", ["subnet", "network"])
def test_a_vip_network_takes_no_place_for_an_interface(key: str) -> None:
    assert _codes(_vip, {key: "subnet-0123456789abcdef1"}) == {UNUSED}


def test_a_fallback_acts_beside_a_bid() -> None:
    api = CannedApi(requests.config(), has_spot=False)
    cloud = connect_cloud(requests.config(), "env", api=api).cloud
    cloud.create_vm(requests.vm(_dynamic(), spot_bid_price=0.1, spot_ondemand_fallback=True))
    assert ["InstanceMarketOptions" in sent for _, sent in api.calls] == [True, False]


def test_each_of_several_interfaces_passes_what_is_not_for_it() -> None:
    request = requests.vm(_dynamic(), requests.network(name="other", ip="10.0.128.10"), source_dest_check=False)
    created: Any = _created(request, requests.config())
    assert [(one, sent.get("NetworkInterfaceId")) for one, sent in created[1:]] == [
        ("ModifyNetworkInterfaceAttribute", "eni-0"),
        ("ModifyNetworkInterfaceAttribute", "eni-1"),
    ]


@pytest.mark.parametrize(
    "written",
    [
        {"credentials_source": "env_or_profile", **_KEYS},
        {"profile": "work", **_KEYS},
        {"session_token": "hush"},
    ],
)
def test_credentials_that_would_not_be_used_are_refused(written: dict[str, Any]) -> None:
    assert _codes(_settings, {**BASE, **written}) == {"cloud-config-invalid"}


def test_the_keys_of_the_settings_are_what_signs_in() -> None:
    session = credentials.make_session(requests.config(**_KEYS, session_token="token"))
    found = session.get_credentials()
    assert found and found.get_frozen_credentials()[:3] == ("AKIA", "hush", "token")


def test_what_a_stemcell_says_of_itself_changes_nothing() -> None:
    described: dict[str, Any] = {"name": "bosh-aws", "version": "1.1", "infrastructure": "aws", "disk": "3072"}
    described |= {"hypervisor": "xen", "disk_format": "raw", "container_format": "bare", "os_type": "linux"}
    described |= {"os_distro": "ubuntu", "virtualization_type": "hvm"}
    assert _stemcell(described) == _stemcell({})


def test_a_disk_image_is_registered_as_the_stemcell_says() -> None:
    request = StemcellRequest(owner=requests.OWNER, os="mine", version="1")

    def registered(**written: Any) -> Any:
        read = config.read_properties(config.StemcellProperties, written, where="a stemcell")
        return stemcells.write_image(request, "snap-1", read, version="1", architecture="x86_64")

    assert registered(root_device_name="/dev/sda1")["RootDeviceName"] == "/dev/sda1"
    assert (registered(boot_mode="uefi")["BootMode"], "BootMode" in registered()) == ("uefi", False)


def _codes(outcome: Outcome, document: Document) -> set[str]:
    """What a document is refused with, or remarked in preflight."""
    try:
        outcome(document)
    except CloudError as error:
        return {error.code}
    return {finding.code for finding in _remarks(outcome, document)}


def _remarks(outcome: Outcome, document: Document) -> list[Finding]:
    if outcome is _settings:
        return list(unused_settings.of_settings(config.read_config(document)))
    if outcome not in (_vm, _network, _vip):
        return []
    request = requests.vm(_dynamic(), **document) if outcome is _vm else _networked(outcome, document)
    remarks = unused_settings.of_vm(request, vms.read_vm_properties(request, requests.config()), requests.config())
    ignored = judge.ignored_properties(PreflightRequest(vms=(request,)), unused_settings.MODELS, cloud="AWS")
    return [*remarks, *ignored]


def _networked(outcome: Outcome, document: Document) -> VmRequest:
    vip = requests.network(name="public", kind=NetworkKind.VIP, ip="203.0.113.5", cloud_properties=document)
    if outcome is _vip:
        return requests.vm(_dynamic(), vip)
    return requests.vm(replace(_dynamic(), cloud_properties=document))
