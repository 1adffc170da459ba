"""The power state of VMs is read in few calls that Azure accepts."""

import copy
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectSettings
from cpi.contract.values import OwnerQuery, VmCid, VmState
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure import compute
from tests.support.azure.faults import Rule
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.store import SUBSCRIPTION, Held
from tests.support.azure.tls import Certificates

MANY = 120
QUERY = OwnerQuery(environment=ENVIRONMENT)
STATUS_LIST = f"/subscriptions/{SUBSCRIPTION}/providers/{compute.VM}"


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[tuple[StandIn, Subject]]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
        yield azure, prepare(find_plugin("azure").connect(settings))


def test_a_few_vms_are_looked_at_one_by_one(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    on, off = (subject.connected.cloud.create_vm(subject.vm_request(f"a{n}", last=10 + n)).cid for n in (1, 2))
    assert subject.connected.power is not None
    subject.connected.power.stop_vm(off)
    stand_in.log.clear()
    found = {vm.created.cid: vm.state for vm in subject.finder.find_vms(QUERY)}
    assert found == {on: VmState.RUNNING, off: VmState.STOPPED}
    assert _looks(stand_in) == sorted([on, off])


def test_many_vms_are_told_by_the_subscription_s_list_of_status_page_by_page(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    stopped = _multiply(stand_in, subject)
    stand_in.log.clear()
    found = subject.finder.find_vms(QUERY)
    assert len(found) == MANY
    assert {vm.created.cid for vm in found if vm.state is VmState.STOPPED} == stopped
    assert _looks(stand_in) == []
    calls = [call for call in stand_in.log.calls() if call.request.path == STATUS_LIST]
    assert [call.request.query.get("statusonly") for call in calls] == ["true"] * 3


def test_whoever_may_not_list_the_subscription_looks_one_by_one(azure: tuple[StandIn, Subject]) -> None:
    stand_in, subject = azure
    stopped = _multiply(stand_in, subject)
    stand_in.faults.rules.append(Rule(path=STATUS_LIST, status=403, code="AuthorizationFailed", message="no"))
    stand_in.log.clear()
    found = subject.finder.find_vms(QUERY)
    assert {vm.created.cid for vm in found if vm.state is VmState.STOPPED} == stopped
    assert len(_looks(stand_in)) == MANY


def _multiply(stand_in: StandIn, subject: Subject) -> set[VmCid]:
    """More of the same VM, every tenth switched off; gives which those are."""
    subject.connected.cloud.create_vm(subject.vm_request("a1"))
    (first,) = stand_in.place.store.of_type(compute.VM)
    stopped = set()
    for number in range(1, MANY):
        name = f"vm-{number}"
        body = {**copy.deepcopy(first.body), "name": name, "id": f"{first.id.rpartition('/')[0]}/{name}"}
        power = "deallocated" if number % 10 == 0 else "running"
        stopped |= {VmCid(name)} if power == "deallocated" else set()
        stand_in.place.store.put(Held(id=body["id"], body=body, hidden={"power": power}))
    return stopped


def _looks(stand_in: StandIn) -> list[str]:
    """The VMs that were queried one by one."""
    paths = [call.request.path for call in stand_in.log.calls()]
    return sorted(path.rpartition("/")[2] for path in paths if f"/{compute.VM}/" in path)
