"""What is wrong with networks before anything is made."""

from dataclasses import replace

import pytest

from cpi.clouds.local.preflight import network_checks
from cpi.clouds.local.preflight.network_checks import Zone
from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkKind, NetworkSettings, OwnerKey, SshAccess, StemcellCid, VmRequest

_ZONE = Zone(networks={"default": "10.0.0.0/24"}, gateways=frozenset({"10.0.0.1"}), public=frozenset({"203.0.113.1"}))
_PRIVATE = NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.9", gateway="10.0.0.1")
_PUBLIC = NetworkSettings(name="public", kind=NetworkKind.VIP, ip="203.0.113.1")


def _vm(*networks: NetworkSettings) -> VmRequest:
    return VmRequest(
        name="web-0",
        owner=OwnerKey(environment="e", deployment="d", action="a"),
        agent_id="a",
        stemcell_cid=StemcellCid(""),
        networks=networks,
        ssh=SshAccess(user="root", public_key=""),
    )


def _codes(network: NetworkSettings, zone: Zone = _ZONE) -> list[str]:
    return [finding.code for finding in network_checks.findings([_vm(network), _vm(network)], zone)]


def test_networks_of_the_zone_are_no_finding() -> None:
    assert list(network_checks.findings([_vm(_PRIVATE, _PUBLIC)], _ZONE)) == []
    assert _codes(replace(_PRIVATE, kind=NetworkKind.DYNAMIC, ip=None, gateway="")) == []
    assert _codes(replace(_PRIVATE, name="app", cloud_properties={"network": "default"})) == []


@pytest.mark.parametrize(
    ("network", "code"),
    [
        (replace(_PRIVATE, name="six"), "unknown-network"),
        (replace(_PRIVATE, cloud_properties={"network": "six"}), "unknown-network"),
        (replace(_PRIVATE, ip="10.0.1.9"), "address-outside-network"),
        (replace(_PRIVATE, gateway="10.0.1.1"), "gateway-outside-network"),
        (replace(_PRIVATE, ip="10.0.0.1"), "address-taken"),
        (replace(_PUBLIC, ip="203.0.113.9"), "unknown-public-address"),
    ],
)
def test_what_the_zone_does_not_have_is_found_once(network: NetworkSettings, code: str) -> None:
    assert _codes(network) == [code]


def test_a_lacking_network_is_told_with_those_that_are_there() -> None:
    (finding,) = network_checks.findings([_vm(replace(_PRIVATE, name="six"))], _ZONE)

    assert (finding.what, finding.why) == ("The local cloud has no network 'six'.", "It has default.")
    assert finding.is_fatal


def test_public_addresses_that_the_plan_reserves_itself_are_not_known_yet() -> None:
    assert _codes(replace(_PUBLIC, ip="203.0.113.9"), replace(_ZONE, public=None)) == []


@pytest.mark.parametrize(
    ("cidr", "why"),
    [
        ("fd00::/127", "default: fd00::/127 has no address for a VM; the router takes one."),
        ("fe80::/64", "default: fe80::/64 is reserved for other uses."),
        ("10.0.0.0/31", "default: 10.0.0.0/31 has no address for a VM; the router takes one."),
        ("127.0.0.0/24", "default: 127.0.0.0/24 is reserved for other uses."),
        ("203.0.113.0/25", "default: 203.0.113.0/25 is reserved for other uses."),
        ("10.0.0.5/24", "default: 10.0.0.5/24 has host bits set."),
        ("a", "default: 'a' does not appear to be an IPv4 or IPv6 network."),
    ],
)
def test_a_range_that_no_network_can_have_is_refused(cidr: str, why: str) -> None:
    with pytest.raises(CloudError) as caught:
        network_checks.check_ranges({"default": cidr})

    assert (caught.value.code, caught.value.why) == ("network-range-invalid", why)


def test_ranges_that_overlap_are_refused_and_others_are_not() -> None:
    network_checks.check_ranges({"a": "10.0.0.0/24", "b": "10.0.1.0/30"})
    with pytest.raises(CloudError) as caught:
        network_checks.check_ranges({"a": "10.0.0.0/24", "b": "10.0.0.128/25"})

    assert caught.value.why == "a (10.0.0.0/24) overlaps b (10.0.0.128/25)."


_SIX = replace(_PRIVATE, name="six", ip="fd00::9", prefix=64, gateway="fd00::1", defaults=())
_SIXTH = replace(_ZONE, networks={**_ZONE.networks, "six": "fd00::/64"})


def test_ipv6_beside_ipv4_is_fine_where_the_kernel_has_it() -> None:
    vm = _vm(_PRIVATE, _SIX)
    assert list(network_checks.findings([vm], _SIXTH)) == []
    without = [one.code for one in network_checks.findings([vm], replace(_SIXTH, has_ipv6=False))]
    assert without == ["ipv6-not-supported"]
    alone = replace(vm, networks=(_SIX,))
    assert [one.code for one in network_checks.findings([alone], _SIXTH)] == ["vm-without-ipv4"]
    outside = replace(vm, networks=(_PRIVATE, replace(_SIX, ip="fd01::9")))
    assert [one.code for one in network_checks.findings([outside], _SIXTH)] == ["address-outside-network"]
