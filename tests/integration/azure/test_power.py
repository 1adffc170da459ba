"""A VM's power on Azure: accepted at once, and looked at by whichever process is there then."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.long_running import LongRunning, Pending
from cpi.contract.values import OwnerQuery, VmCid, VmState
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, prepare
from tests.support.azure.stand_in import StandIn, azure_stand_in
from tests.support.azure.tls import Certificates


@pytest.fixture(name="azure")
def _azure(tmp_path: Path, certificates: Certificates) -> Iterator[StandIn]:
    with azure_stand_in(tmp_path, certificates=certificates) as azure:
        yield azure


def _connect(azure: StandIn) -> ConnectedCloud:
    return find_plugin("azure").connect(
        ConnectSettings(environment=ENVIRONMENT, state_dir="", properties=azure.settings())
    )


CALLS: dict[str, tuple[Callable[[LongRunning, VmCid], Pending | None], VmState]] = {
    "deallocate": (lambda calls, vm: calls.stop_vm(vm), VmState.STOPPED),
    "restart": (lambda calls, vm: calls.reboot_vm(vm), VmState.RUNNING),
    "start": (lambda calls, vm: calls.start_vm(vm), VmState.RUNNING),
}


@pytest.mark.parametrize("verb", CALLS)
def test_power_is_pending_and_another_process_sees_it_end(verb: str, azure: StandIn) -> None:
    subject = prepare(_connect(azure))
    vm = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    call, expected = CALLS[verb]
    azure.log.clear()
    first, later = subject.connected.long_running, _connect(azure).long_running
    assert first is not None and later is not None
    left = call(first, vm)
    assert isinstance(left, Pending), "the plugin waited"
    looks = 0
    while left is not None:
        left, looks = later.look(left.handle), looks + 1
    assert looks >= 1
    assert [one.words.rpartition("/")[2] for one in azure.log.calls() if one.words.startswith("POST")] == [verb]
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.state is expected


def test_calls_that_wait_restart_a_vm_once(azure: StandIn) -> None:
    subject = prepare(_connect(azure))
    vm = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    azure.log.clear()
    subject.connected.cloud.reboot_vm(vm)
    assert subject.connected.power is not None
    subject.connected.power.stop_vm(vm)
    verbs = [one.words.rpartition("/")[2] for one in azure.log.calls() if one.words.startswith("POST")]
    assert verbs == ["restart", "deallocate"]


def test_tags_are_pending_and_not_sent_twice(azure: StandIn) -> None:
    subject = prepare(_connect(azure))
    vm = subject.connected.cloud.create_vm(subject.vm_request("a1")).cid
    azure.log.clear()
    calls, later = subject.connected.long_running, _connect(azure).long_running
    assert calls is not None and later is not None
    left = calls.set_vm_metadata(vm, {"job": "web"})
    while left is not None:
        left = later.look(left.handle)
    assert later.set_vm_metadata(vm, {"job": "web"}) is None
    assert len([one for one in azure.log.calls() if one.words.startswith("PATCH")]) == 1
    (found,) = subject.finder.find_vms(OwnerQuery(environment=ENVIRONMENT))
    assert found.tags["job"] == "web"
