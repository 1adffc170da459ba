"""Subnets: which one holds an address, and what AWS keeps for itself."""

import ipaddress

import pytest

from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.machines import networks
from cpi.clouds.aws.machines.networks import AwsSubnet
from cpi.contract.errors import CloudError
from cpi.contract.values import LandingSpec, NetworkKind
from tests.unit.cpi.clouds.aws import requests

SPEC = LandingSpec(networks={"default": "10.0.0.0/16", "deep": "10.1.0.0/16"}, public_names=("jumpbox",))


def subnet(cidr: str, zone: str) -> AwsSubnet:
    return AwsSubnet(id=zone, network="default", cidr=ipaddress.IPv4Network(cidr), zone=zone, vpc="", free=0)


PARTS = (subnet("10.0.0.0/18", "a"), subnet("10.0.64.0/18", "b"))


def test_an_address_decides_on_the_subnet_and_without_one_the_zone_does() -> None:
    static = requests.network(ip="10.0.64.7")
    dynamic = requests.network(kind=NetworkKind.DYNAMIC, ip=None)
    assert networks.subnet_for(static, PARTS, zone="") == PARTS[1]
    assert networks.subnet_for(dynamic, PARTS, zone="b") == PARTS[1]
    assert networks.subnet_for(dynamic, PARTS, zone="") == PARTS[0]
    assert networks.subnet_for(requests.network(ip="10.9.0.1"), PARTS, zone="") is None


@pytest.mark.parametrize("ip", ["10.0.0.0", "10.0.0.3", "10.0.63.255"])
def test_what_aws_keeps_is_refused_with_what_to_write(ip: str) -> None:
    with pytest.raises(CloudError) as raised:
        networks.check_address("web", requests.network(ip=ip), PARTS[0])
    assert (raised.value.code, "10.0.0.1 - 10.0.0.3" in raised.value.fix) == ("address-reserved", True)


def test_a_network_is_cut_alike_for_two_three_and_four_zones() -> None:
    cut = {zones: [str(part) for part in layout.split("10.0.0.0/16", zones)] for zones in (2, 3, 4)}
    assert cut[4] == ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18", "10.0.192.0/18"]
    assert (cut[2], cut[3]) == (cut[4][:2], cut[4][:3])
    assert len(layout.split("10.0.0.0/16", 6)) == 6


@pytest.mark.parametrize("cidr", ["10.0.0.0/8", "10.0.0.0/27", "10.0.0.1/16", "nonsense"])
def test_a_range_that_no_vpc_can_have_is_refused(cidr: str) -> None:
    with pytest.raises(CloudError) as raised:
        layout.landing_resources(LandingSpec(networks={"default": cidr}, public_names=()), requests.config())
    assert raised.value.code == "network-range-invalid"


def test_a_private_network_brings_a_nat_gateway_in_a_public_one() -> None:
    plain = layout.landing_resources(SPEC, requests.config())
    assert not [one for one in plain if one.kind == layout.NAT]
    private = layout.landing_resources(SPEC, requests.config(private_networks=["deep"]))
    (nat,) = [one for one in private if one.kind == layout.NAT]
    assert nat.properties == {"subnet": "default-z1", "address": "nat"}
    with pytest.raises(CloudError):
        layout.landing_resources(SPEC, requests.config(private_networks=["deep", "default"]))
