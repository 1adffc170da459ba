"""A result may fill in, never change."""

import pytest

from director.actions.create_vm import CreateVmResult
from director.errors import Bug
from director.execute.conform import check_result
from director.model.tasks.work import Result
from tests.unit.director.execute.plans import act, creating_vm, vm_made


def test_what_was_planned_or_left_open_is_fine() -> None:
    check_result(act(creating_vm()), vm_made())
    check_result(act(creating_vm(ip="")), vm_made(ip="10.0.0.200"))


@pytest.mark.parametrize(
    "outcome",
    [vm_made(ip="10.0.0.3"), CreateVmResult(cid="vm-1")],
    ids=["another address", "no network"],
)
def test_another_address_than_planned_is_refused(outcome: CreateVmResult) -> None:
    with pytest.raises(Bug) as raised:
        check_result(act(creating_vm()), outcome)
    assert raised.value.code == "outcome-differs"


def test_an_open_address_must_be_filled() -> None:
    with pytest.raises(Bug):
        check_result(act(creating_vm(ip="")), vm_made(ip=""))


def test_what_another_kind_gives_is_refused() -> None:
    with pytest.raises(Bug) as raised:
        check_result(act(creating_vm()), Result())
    assert raised.value.code == "result-misplaced"
