"""Networks as BOSH has them: blocks of addresses, vip subnets, managed networks, NIC groups, IPv6."""

from dataclasses import replace
from typing import Any

import yaml

from director.resolve.front import resolve_desired
from tests.unit.director.resolve.case_files import CASES
from tests.unit.director.resolve.test_written_keys import codes_of, request_of

_MANIFEST: Any = yaml.safe_load((CASES / "base" / "manifest.yml").read_text())
_CONFIG: Any = yaml.safe_load((CASES / "base" / "cloud-config.yml").read_text())
_WEB: Any = _MANIFEST["instance_groups"][1]


def _config(*networks: Any) -> Any:
    kept = [each for each in _CONFIG["networks"] if each["name"] not in {one["name"] for one in networks}]
    return {**_CONFIG, "networks": [*kept, *networks]}


def _manifest(*networks: Any, **changes: Any) -> Any:
    group = {**_WEB, "networks": list(networks)}
    return {**_MANIFEST, "instance_groups": [_MANIFEST["instance_groups"][0], group], **changes}


def test_a_subnet_with_a_prefix_has_blocks_of_that_size() -> None:
    subnet = {"range": "10.9.0.0/24", "gateway": "10.9.0.1", "prefix": 28, "azs": ["z1", "z2"]}
    blocks = {"name": "blocks", "subnets": [subnet]}
    default = {"name": "default", "default": ["dns", "gateway"]}
    desired = resolve_desired(request_of(_manifest(default, {"name": "blocks"}), _config(blocks)))
    network = desired.network("blocks")
    assert network is not None
    assert network.subnets[0].block_bits == 28
    for wrong in (24, 20, 33):
        assert "prefix-size-invalid" in codes_of(
            _MANIFEST, _config({**blocks, "subnets": [{**subnet, "prefix": wrong}]})
        )
    one = {**blocks, "subnets": [{**subnet, "prefix": 32}]}
    assert "prefix-size-invalid" not in codes_of(_MANIFEST, _config(one))
    other = {**subnet, "range": "10.9.1.0/24", "gateway": "10.9.1.1", "prefix": 29}
    assert codes_of(_MANIFEST, _config({**blocks, "subnets": [subnet, other]})) >= {"prefix-sizes-differ"}
    static = {**blocks, "subnets": [{**subnet, "static": ["10.9.0.64/26"]}]}
    at = {"name": "blocks", "static_ips": ["10.9.0.64", "10.9.0.81"]}
    assert codes_of(_manifest(default, at, instances=2), _config(static)) >= {"static-ip-not-aligned"}
    few = {**blocks, "subnets": [{**subnet, "range": "10.9.0.0/27", "prefix": 28}]}
    assert codes_of(_manifest(default, {"name": "blocks"}), _config(few)) >= {"too-few-addresses"}


def test_dns_servers_and_addresses_of_ipv6_are_abbreviated() -> None:
    v6 = {"name": "v6", "subnets": [{"range": "fd00:01::/64", "gateway": "fd00:1:0::1", "dns": ["fd00:1:0::0053"]}]}
    network = resolve_desired(request_of(_MANIFEST, _config(v6))).network("v6")
    assert network is not None
    subnet = network.subnets[0]
    assert (subnet.cidr, subnet.gateway, subnet.dns) == ("fd00:1::/64", "fd00:1::1", ("fd00:1::53",))


def test_a_managed_network_has_a_name_in_the_landing_zone_that_its_vms_name() -> None:
    subnet = {"name": "a", "netmask_bits": 24, "cloud_properties": {"x": 1}}
    made = {
        "name": "made",
        "managed": True,
        "subnets": [{**subnet, "azs": ["z1"]}, {**subnet, "name": "b", "azs": ["z2"]}],
    }
    desired = resolve_desired(replace(request_of(_MANIFEST, _config(made)), landing_ranges=("10.0.0.0/16",)))
    network = desired.network("made")
    assert network is not None
    assert [(one.cidr, one.gateway, one.managed) for one in network.subnets] == [
        ("10.1.0.0/24", "10.1.0.1", "managed.made.a"),
        ("10.1.1.0/24", "10.1.1.1", "managed.made.b"),
    ], "the landing zone's own range is passed by"
    assert network.subnets[0].cloud_properties == {"x": 1, "network": "managed.made.a"}
    there = {"managed.made.a": "10.77.0.0/24"}
    kept = resolve_desired(replace(request_of(_MANIFEST, _config(made)), managed_ranges=there)).network("made")
    assert kept is not None
    assert kept.subnets[0].cidr == "10.77.0.0/24"


def test_settings_of_managed_networks_elsewhere_are_remarked() -> None:
    dynamic = {"name": "made", "type": "dynamic", "managed": True}
    assert "setting-unused" in codes_of(_MANIFEST, _config(dynamic))
    both = {"name": "made", "managed": True, "subnets": [{"name": "a", "netmask_bits": 24, "range": "10.9.0.0/24"}]}
    assert "setting-unused" in codes_of(_MANIFEST, _config(both))
    assert "setting-unused" not in codes_of(
        _MANIFEST, _config({**both, "subnets": [{"name": "a", "range": "10.9.0.0/24"}]})
    )


def test_addresses_of_a_vip_network_come_from_its_subnets_or_from_the_group() -> None:
    vip = {"name": "public", "type": "vip", "subnets": [{"static": ["203.0.113.5 - 203.0.113.7"], "azs": ["z1", "z2"]}]}
    default = {"name": "default", "default": ["dns", "gateway"]}
    desired = resolve_desired(request_of(_manifest(default, {"name": "public"}), _config(vip)))
    network = desired.network("public")
    assert network is not None
    assert [(each.first, each.last) for subnet in network.subnets for each in subnet.static] == [
        ("203.0.113.5", "203.0.113.7")
    ]
    static = {"name": "public", "static_ips": ["203.0.113.5 - 203.0.113.7"]}
    assert codes_of(_manifest(default, static), _config(vip)) == {"vip-addresses-twice"}
    few = {**vip, "subnets": [{"static": ["203.0.113.5"], "azs": ["z1", "z2"]}]}
    assert codes_of(_manifest(default, {"name": "public"}), _config(few)) == {"too-few-addresses"}
    wrong = {**vip, "subnets": [{"static": ["x"], "azs": ["z1", "z2"]}]}
    assert "bad-static-range" in codes_of(_MANIFEST, _config(wrong))


def test_networks_of_one_nic_group_are_requested_together() -> None:
    other = {**_CONFIG["networks"][0], "name": "other"}
    uses = ({"name": "default", "default": ["dns", "gateway"], "nic_group": 1}, {"name": "other", "nic_group": 1})
    desired = resolve_desired(request_of(_manifest(*uses), _config(other)))
    assert [net.nic_group for net in desired.groups[1].networks] == ["1", "1"]


def test_the_feature_for_tmpfs_is_in_an_env_that_does_not_say_it() -> None:
    def env(own: Any, value: bool) -> object:
        manifest = _manifest({"name": "default"}, features={"use_tmpfs_config": value})
        manifest["instance_groups"][1]["env"] = own
        return resolve_desired(request_of(manifest, _CONFIG)).groups[1].env

    both = {"bosh": {"job_dir": {"tmpfs": True}, "agent": {"settings": {"tmpfs": True}}}}
    assert env({}, True) == both
    own = {"bosh": {"job_dir": {"tmpfs": False}, "x": 1}}
    assert env(own, True) == {"bosh": {"job_dir": {"tmpfs": False}, "x": 1, "agent": {"settings": {"tmpfs": True}}}}
    assert "setting-unused" in codes_of(_manifest({"name": "default"}, features={"use_tmpfs_config": True}), _CONFIG)


def test_an_ipv6_subnet_beside_an_ipv4_one_gives_addresses_of_both() -> None:
    v6 = {"name": "v6", "subnets": [{"range": "fd00:1::/64", "gateway": "fd00:1::1", "azs": ["z1", "z2"]}]}
    default = {"name": "default", "default": ["dns", "gateway"]}
    desired = resolve_desired(request_of(_manifest(default, {"name": "v6"}), _config(v6)))
    network = desired.network("v6")
    assert network is not None
    assert (network.subnets[0].cidr, network.subnets[0].gateway) == ("fd00:1::/64", "fd00:1::1")


def test_vms_are_swapped_only_where_no_address_must_pass_on() -> None:
    swap = {**_MANIFEST, "update": {**_MANIFEST["update"], "vm_strategy": "create-swap-delete"}}
    desired = resolve_desired(request_of(swap, _CONFIG))
    assert [(group.name, group.update.is_swapping) for group in desired.groups] == [("db", False), ("web", True)]
    (remark,) = (each for each in desired.remarks if each.code == "vm-strategy-unused")
    assert "'db'" in remark.text
    own = _manifest({"name": "default"}, update=swap["update"])
    own["instance_groups"][1]["update"] = {"vm_strategy": "delete-create"}
    assert not resolve_desired(request_of(own, _CONFIG)).groups[1].update.is_swapping


def test_an_az_of_another_cloud_is_a_remark_where_nothing_is_placed() -> None:
    far = {**_CONFIG, "azs": [*_CONFIG["azs"], {"name": "far", "cpi": "x"}]}
    desired = resolve_desired(request_of(_MANIFEST, far))
    (remark,) = (each for each in desired.remarks if each.code == "az-without-cloud")
    assert remark.text == "AZ 'far' names cloud 'x', which the environment does not have; nothing is in that AZ."
    used = {**_CONFIG, "azs": [_CONFIG["azs"][0], {"name": "z2", "cpi": "x"}]}
    assert codes_of(_MANIFEST, used) == {"unknown-named-cloud"}
