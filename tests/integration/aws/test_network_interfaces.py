"""Several networks of a VM on AWS: one interface for each, or for each `nic_group`, with IPv4, IPv6 and blocks."""

from dataclasses import replace
from typing import Any

import pytest

from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkKind, NetworkSettings, OwnerQuery, PreflightRequest, VmRequest
from tests.contract.cloud.subjects import ENVIRONMENT, Subject
from tests.support.aws import back, security_groups
from tests.support.aws.emulator import Emulator
from tests.support.inbound_rules import Inbound, lets_in

pytestmark = pytest.mark.slow

_SIX = "2600:1f18:1:1::"


@pytest.fixture
def subnet(landed: Subject) -> str:
    """A subnet of the environment's VPC with ranges of both versions, as an operator makes it."""
    backend = back.ec2()
    (vpc,) = [one for one in backend.vpcs.values() if not one.is_default]
    backend.associate_vpc_cidr_block(vpc.id, cidr_block="10.50.0.0/24", amazon_provided_ipv6_cidr_block=False)
    made = backend.create_subnet(vpc.id, "10.50.0.0/24", ipv6_cidr_block=None, availability_zone="us-east-1a")
    back.add_ipv6(made, f"{_SIX}/64")
    return str(made.id)


def test_an_ipv4_and_an_ipv6_network_of_one_nic_group_share_an_interface(landed: Subject, subnet: str) -> None:
    request = _dual(landed, subnet)
    created = landed.connected.cloud.create_vm(request)
    assert [one.ip for one in created.networks] == ["10.50.0.10", f"{_SIX}a"]
    (instance,) = back.instances()
    (nic,) = instance.nics.values()
    assert (nic.private_ip_address, nic.ipv6_addresses) == ("10.50.0.10", [f"{_SIX}a"])
    (found,) = landed.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.created.networks == created.networks
    assert [one.nic_group for one in found.created.networks] == ["1", "1"]


def test_networks_of_different_nic_groups_have_interfaces_of_their_own(landed: Subject, subnet: str) -> None:
    request = _dual(landed, subnet)
    apart = replace(request, networks=(*landed.vm_request("a").networks, *request.networks))
    landed.connected.cloud.create_vm(replace(apart, cloud_properties={"instance_type": "t3.micro"}))
    (instance,) = back.instances()
    assert [nic.private_ip_address for nic in instance.nics.values()] == ["10.9.0.10", "10.50.0.10"]
    assert [nic.ipv6_addresses for nic in instance.nics.values()] == [[], [f"{_SIX}a"]]


def test_a_network_with_a_prefix_gives_its_vm_a_block(landed: Subject, subnet: str) -> None:
    request = _dual(landed, subnet)
    block = replace(request.networks[1], name="block", ip="2600:1f18:1:1:1::", block_bits=80)
    created = landed.connected.cloud.create_vm(replace(request, networks=(*request.networks, block)))
    assert created.networks[2].ip == "2600:1f18:1:1:1::"
    (instance,) = back.instances()
    (nic,) = instance.nics.values()
    assert nic.ipv6_prefixes == [{"Ipv6Prefix": "2600:1f18:1:1:1::/80"}]


def test_what_is_closed_for_ipv4_is_closed_for_ipv6(landed: Subject, emulator: Emulator, subnet: str) -> None:
    """The landing zone's groups name IPv4 ranges and one another: nothing of IPv6 comes in from elsewhere."""
    rules = [rule for group in back.security_groups() for rule in group.ingress_rules if "compleat" in group.name]
    assert rules
    assert not [rule for rule in rules if "CidrIpv6" in rule.ip_range]
    landed.connected.cloud.create_vm(_dual(landed, subnet))
    inbound: Inbound = security_groups.read_inbound(emulator.region)["10.50.0.10"]
    assert not lets_in(inbound, "2001:db8::1", 22)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nic_group": ""}, "ipv6-without-ipv4"),
        ({"ip": "2600:1f18:2::5"}, "address-outside-network"),
        ({"ip": f"{_SIX}2"}, "address-reserved"),
        ({"cloud_properties": {"subnet": "subnet-other"}}, "nic-group-subnets-differ"),
        ({"kind": NetworkKind.DYNAMIC, "ip": None, "gateway": f"{_SIX}1"}, "nic-group-dynamic"),
        ({"ip": "10.50.0.11", "gateway": "10.50.0.1"}, "nic-group-address-twice"),
        ({"block_bits": 96}, "prefix-size-unsupported"),
    ],
)
def test_what_an_interface_cannot_have_is_found_before(
    landed: Subject, subnet: str, change: dict[str, Any], code: str
) -> None:
    request = _dual(landed, subnet)
    wrong = replace(request, networks=(request.networks[0], replace(request.networks[1], **change)))
    assert code in _codes(landed, wrong)
    assert _codes(landed, request) == set()


def test_an_address_that_another_vm_has_is_found_before(landed: Subject, subnet: str) -> None:
    landed.connected.cloud.create_vm(_dual(landed, subnet))
    other = _dual(landed, subnet, "a2")
    half = replace(other, networks=(replace(other.networks[0], ip="10.50.0.11"), other.networks[1]))
    assert _codes(landed, half) == {"address-taken"}
    with pytest.raises(CloudError):
        landed.connected.cloud.create_vm(other)


def _codes(landed: Subject, request: VmRequest) -> set[str]:
    assert landed.connected.preflight is not None
    found = landed.connected.preflight.preflight(PreflightRequest(vms=(request,)))
    return {one.code for one in found if one.is_fatal}


def _dual(landed: Subject, subnet: str, action: str = "a1") -> VmRequest:
    four = NetworkSettings(
        name="four",
        kind=NetworkKind.MANUAL,
        ip="10.50.0.10",
        prefix=24,
        gateway="10.50.0.1",
        defaults=("dns", "gateway"),
        cloud_properties={"subnet": subnet, "security_groups": ["default"]},
        nic_group="1",
    )
    six = replace(four, name="six", ip=f"{_SIX}a", prefix=64, gateway=f"{_SIX}1", defaults=(), cloud_properties={})
    return replace(landed.vm_request(action), networks=(four, six))
