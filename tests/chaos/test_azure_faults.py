"""Azure loses answers, throttles, fails and resets at each call of a VM's life; the same call again converges."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from cpi.contract.cloud import ConnectSettings
from cpi.contract.errors import CloudError, Retry
from cpi.plugins import find_plugin
from tests.contract.cloud.subjects import ENVIRONMENT, Subject, prepare
from tests.support.azure.faults import Act, Rule, throttled
from tests.support.azure.stand_in import azure_stand_in

Result = TypeVar("Result")
_MOST_TRIES = 5
_KINDS = ("virtualMachines", "networkInterfaces", "disks")
FAULTS: dict[str, Callable[[int], Rule]] = {
    "lost": lambda skip: Rule(path="/providers/", skip=skip, act=Act.LOST),
    "reset": lambda skip: Rule(path="/providers/", skip=skip, act=Act.RESET),
    "server error": lambda skip: Rule(path="/providers/", skip=skip, status=503, code="ServerTimeout"),
    "throttled": lambda skip: _skipping(throttled(path="/providers/"), skip),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_vms_life_converges_whatever_call_fails(fault: str, tmp_path: Path) -> None:
    with azure_stand_in(tmp_path) as azure:
        settings = ConnectSettings(environment=ENVIRONMENT, state_dir=str(tmp_path), properties=azure.settings())
        subject = prepare(find_plugin("azure").connect(settings))
        struck = 0
        for skip in range(0, 30, 3):
            rule = FAULTS[fault](skip)
            azure.faults.rules = [rule]
            _live(subject, f"a{skip}")
            struck += not rule.times
            azure.faults.rules = []
            left = {kind: azure.place.store.names(_whole(kind)) for kind in _KINDS}
            assert left == {kind: [] for kind in _KINDS}, f"after the fault at call {skip}"
        assert struck >= 6


def _live(subject: Subject, action: str) -> None:
    cloud = subject.connected.cloud
    vm = _again(lambda: cloud.create_vm(subject.vm_request(action))).cid
    disk = _again(lambda: cloud.create_disk(subject.disk_request(f"{action}-disk")))
    _again(lambda: cloud.attach_disk(vm, disk))
    _again(lambda: cloud.detach_disk(vm, disk))
    _again(lambda: cloud.delete_vm(vm))
    _again(lambda: cloud.delete_disk(disk))


def _again(call: Callable[[], Result]) -> Result:
    for _ in range(_MOST_TRIES):
        try:
            return call()
        except CloudError as error:
            if error.retry is Retry.NEVER:
                raise
    raise AssertionError("it did not converge")


def _skipping(rule: Rule, skip: int) -> Rule:
    rule.skip = skip
    return rule


def _whole(kind: str) -> str:
    return f"Microsoft.{'Network' if kind == 'networkInterfaces' else 'Compute'}/{kind}"
