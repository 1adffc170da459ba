"""A public address that a VM on Azure has for its lifetime (assign_dynamic_public_ip)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.azure.wire import names
from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError
from cpi.contract.values import OwnerQuery, PreflightRequest, VmRequest, VmState
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure.faults import Act, Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in


@pytest.fixture(name="azure")
def _azure(tmp_path: Path) -> Iterator[tuple[StandIn, Subject]]:
    with azure_stand_in(tmp_path) as azure:
        properties = azure.settings(pip_idle_timeout_in_minutes=15)
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=properties)
        yield azure, prepare(find_plugin("azure").connect(settings))


def test_a_vm_has_a_public_address_of_its_own_while_it_lives(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    before, request = _addresses(stand_in), _request(subject)
    created = subject.connected.cloud.create_vm(request)
    assert subject.connected.cloud.create_vm(request) == created
    (own,) = _addresses(stand_in) - before
    (held,) = [one for one in stand_in.place.store.of_type(names.ADDRESS) if one.body["name"] == own]
    assert held.body["properties"]["ipConfiguration"]["id"].endswith("-nic0/ipConfigurations/main")
    assert held.body["properties"]["idleTimeoutInMinutes"] == 15
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.created == created
    subject.connected.cloud.delete_vm(created.cid)
    assert _addresses(stand_in) == before


def test_what_was_made_before_the_connection_broke_is_found_and_deleted(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    before = _addresses(stand_in)
    stand_in.faults.rules.append(Rule(method="PUT", path="/virtualMachines/", act=Act.RESET))
    with pytest.raises(CloudError):
        subject.connected.cloud.create_vm(_request(subject))
    assert len(_addresses(stand_in) - before) == 1
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.state is VmState.INCOMPLETE
    subject.connected.cloud.delete_vm(found.created.cid)
    assert (_addresses(stand_in), stand_in.place.store.names(names.NIC)) == (before, [])


def test_it_counts_against_the_quota_of_addresses(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    stand_in.place.region.limits["PublicIPAddresses"] = len(_addresses(stand_in))
    assert subject.connected.preflight is not None
    found = subject.connected.preflight.preflight(PreflightRequest(vms=(_request(subject),)))
    assert {one.code for one in found} == {"quota-exceeded"}


def _request(subject: Subject) -> VmRequest:
    return replace(subject.vm_request("a1"), cloud_properties={"assign_dynamic_public_ip": True})


def _addresses(azure: StandIn) -> set[str]:
    return set(azure.place.store.names(names.ADDRESS))
