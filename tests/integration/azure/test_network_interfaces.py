"""Several networks of a VM on Azure: an interface for each, or IP configurations of one for each `nic_group`."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cpi.clouds.azure.wire import names
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkSettings, OwnerQuery, PreflightRequest, VmRequest
from cpi.plugins import find_plugin
from tests.contract.cloud.protocol import through_protocol
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import own_networks, security_groups
from tests.support.azure.faults import Act, Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.inbound_rules import lets_in


@pytest.fixture(name="azure")
def _azure(tmp_path: Path) -> Iterator[tuple[StandIn, Subject]]:
    with azure_stand_in(tmp_path) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        yield azure, prepare(find_plugin("azure").connect(settings))


def test_networks_of_one_nic_group_share_an_interface_and_others_have_their_own(
    azure: tuple[StandIn, Subject],
) -> None:
    stand_in, subject = azure
    request = _request(subject, *own_networks.plant_dual_stack(stand_in))
    created = subject.connected.cloud.create_vm(request)
    assert subject.connected.cloud.create_vm(request) == created
    assert created.networks == request.networks
    assert _interfaces(stand_in) == [["10.30.1.10", "fd00:30:0:1::a"], ["10.9.0.10"]]
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.created == created
    subject.connected.cloud.delete_vm(created.cid)
    assert _interfaces(stand_in) == []


def test_both_versions_cross_the_protocol_of_a_cpi_executable(azure: tuple[StandIn, Subject], tmp_path: Path) -> None:
    stand_in, subject = azure
    request = _request(subject, *own_networks.plant_dual_stack(stand_in))
    created = through_protocol(subject, tmp_path).connected.cloud.create_vm(request)
    assert [one.ip for one in created.networks] == [one.ip for one in request.networks]
    assert _interfaces(stand_in) == [["10.30.1.10", "fd00:30:0:1::a"], ["10.9.0.10"]]


def test_what_is_closed_for_ipv4_is_closed_for_ipv6(azure: tuple[StandIn, Subject]) -> None:
    """The landing zone's rules name ranges of IPv4: of IPv6 only the virtual network's own comes in."""
    stand_in, subject = azure
    four, six = own_networks.plant_dual_stack(stand_in)
    guarded = {**four.cloud_properties, "security_group": "compleat"}
    subject.connected.cloud.create_vm(_request(subject, replace(four, cloud_properties=guarded), six))
    inbound = security_groups.read_inbound(stand_in.place.store)["fd00:30:0:1::a"]
    assert [lets_in(inbound, source, 22) for source in ("2001:db8::1", "fd00:30:0:1::b")] == [False, True]


def test_an_interface_that_azure_cannot_have_is_refused_by_preflight_and_by_creation(
    azure: tuple[StandIn, Subject],
) -> None:
    stand_in, subject = azure
    four, six = own_networks.plant_dual_stack(stand_in)
    assert _codes(subject, _request(subject, four, six)) == set()
    changes: list[tuple[NetworkSettings, str]] = [
        (replace(six, nic_group=""), "ipv6-without-ipv4"),
        (replace(six, ip="fd00:31::5"), "address-outside-network"),
        (replace(six, ip="fd00:30:0:1::3"), "address-reserved"),
        (replace(six, cloud_properties={"network": "main"}), "nic-group-subnets-differ"),
        (replace(six, ip="10.30.1.11", gateway="10.30.1.1"), "nic-group-address-twice"),
    ]
    for changed, code in changes:
        placed = replace(changed, cloud_properties=changed.cloud_properties or four.cloud_properties)
        request = replace(subject.vm_request("a1"), networks=(four, placed))
        assert _codes(subject, request) == {code}
        with pytest.raises(CloudError) as raised:
            subject.connected.cloud.create_vm(request)
        assert raised.value.code == code
    assert _interfaces(stand_in) == []


def test_an_ipv6_address_that_another_vm_has_is_told(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    four, six = own_networks.plant_dual_stack(stand_in)
    subject.connected.cloud.create_vm(_request(subject, four, six))
    other = replace(subject.vm_request("b", last=11), networks=(replace(four, ip="10.30.1.11"), six))
    assert _codes(subject, other) == {"address-taken"}


def test_an_interface_that_a_broken_connection_left_gives_its_ipv6_address_away(
    azure: tuple[StandIn, Subject],
) -> None:
    stand_in, subject = azure
    four, six = own_networks.plant_dual_stack(stand_in)
    stand_in.faults.rules.append(Rule(method="PUT", path="/virtualMachines/", act=Act.RESET))
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(replace(subject.vm_request("a1"), networks=(four, six)))
    stand_in.faults.rules.clear()
    assert _interfaces(stand_in) == [["10.30.1.10", "fd00:30:0:1::a"]]
    other = replace(subject.vm_request("b", last=11), networks=(replace(four, ip="10.30.1.11"), six))
    subject.connected.cloud.create_vm(other)
    assert _interfaces(stand_in) == [["10.30.1.11", "fd00:30:0:1::a"]]


def _request(subject: Subject, *networks: NetworkSettings) -> VmRequest:
    """On the landing zone's network, too, which is the default for nothing."""
    request = subject.vm_request("a1")
    return replace(request, networks=(replace(request.networks[0], defaults=()), *networks))


def _interfaces(azure: StandIn) -> list[list[Any]]:
    """The private addresses of each."""
    found = sorted(azure.place.store.of_type(names.NIC), key=lambda one: str(one.body["name"]))
    configurations = [one.body["properties"]["ipConfigurations"] for one in found]
    return [[one["properties"]["privateIPAddress"] for one in several] for several in configurations]


def _codes(subject: Subject, request: VmRequest) -> set[str]:
    assert subject.connected.preflight is not None
    return {one.code for one in subject.connected.preflight.preflight(PreflightRequest(vms=(request,)))}
