"""Leftovers of interrupted creates are found and deleted."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import NetworkKind, NetworkSettings, OwnerQuery, VmCid, VmRequest, VmState
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import network
from tests.support.azure.faults import Act, Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[tuple[StandIn, Subject]]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        yield azure, prepare(find_plugin("azure").connect(settings))


def test_interfaces_whose_vm_never_came_are_found_as_one_vm_and_go_with_it(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    request = _with_two_cards(subject.vm_request("a1"))
    _cut_short(stand_in, subject, request)
    assert _interfaces(stand_in) == 2
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT, deployment="app"))
    assert (found.owner, found.state) == (request.owner, VmState.INCOMPLETE)
    assert [one.ip for one in found.created.networks] == [f"{subject.prefix}10", f"{subject.prefix}11"]
    assert not subject.connected.cloud.has_vm(found.created.cid)
    subject.connected.cloud.delete_vm(found.created.cid)
    assert (_interfaces(stand_in), subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))) == (0, ())


def test_the_public_address_that_a_vm_which_never_came_holds_is_told(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    landed = subject.landing.find_landing_resources(ENVIRONMENT)
    address = next(ip for each in landed for name, ip in each.outputs.items() if name == "jumpbox_public_ip")
    request = subject.vm_request("a1")
    vip = NetworkSettings(name="public", kind=NetworkKind.VIP, ip=address)
    _cut_short(stand_in, subject, replace(request, networks=(*request.networks, vip)))
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert (found.state, address in [one.ip for one in found.created.networks]) == (VmState.INCOMPLETE, True)


def test_a_deletion_that_was_cut_short_is_found_again(azure: tuple[StandIn, Subject]) -> None:
    """Whichever interface is left leads to the VM."""
    stand_in, subject = azure
    _cut_short(stand_in, subject, _with_two_cards(subject.vm_request("a1")))
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    stand_in.faults.rules.append(Rule(path="networkInterfaces", method="DELETE", skip=1, act=Act.RESET))
    with pytest.raises(CloudError):
        subject.connected.cloud.delete_vm(found.created.cid)
    assert _interfaces(stand_in) == 1
    (again,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    subject.connected.cloud.delete_vm(again.created.cid)
    assert (again.created.cid, _interfaces(stand_in)) == (found.created.cid, 0)


def test_a_vm_that_came_is_not_found_twice_and_others_interfaces_not_at_all(azure: tuple[StandIn, Subject]) -> None:
    _, subject = azure
    cid = subject.connected.cloud.create_vm(_with_two_cards(subject.vm_request("a1"))).cid
    found = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert [(vm.created.cid, vm.state) for vm in found] == [(VmCid(cid), VmState.RUNNING)]
    assert subject.finder.find_vms(OwnerQuery(environment="other")) == ()


def test_an_interface_that_goes_while_a_new_one_wants_its_address_is_in_nobodys_way(
    azure: tuple[StandIn, Subject],
) -> None:
    """The refusal came first, then the holder was gone: no list shows it any more."""
    stand_in, subject = azure
    refusal = Rule(path="networkInterfaces/", method="PUT", status=400, code="PublicIPAddressInUse")
    stand_in.faults.rules.append(refusal)
    assert subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    assert refusal.times == 0


def _cut_short(stand_in: StandIn, subject: Subject, request: VmRequest) -> None:
    rule = Rule(path="virtualMachines/", method="PUT", act=Act.RESET)
    stand_in.faults.rules.append(rule)
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(request)
    assert rule.times == 0


def _with_two_cards(request: VmRequest) -> VmRequest:
    (first,) = request.networks
    second = NetworkSettings(
        name="second",
        kind=NetworkKind.MANUAL,
        ip=f"{str(first.ip)[:-1]}1",
        prefix=24,
        cloud_properties={"network": "main"},
    )
    return replace(request, networks=(first, second))


def _interfaces(stand_in: StandIn) -> int:
    return len(stand_in.place.store.of_type(network.NIC))
