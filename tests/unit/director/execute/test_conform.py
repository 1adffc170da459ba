"""An outcome may fill in, never change."""

import pytest

from director.errors import Bug
from director.execute.conform import check_outcome
from director.model.entries import Outcome
from tests.unit.director.execute.plans import act, creating_vm, vm_made


def test_what_was_planned_or_left_open_is_fine() -> None:
    check_outcome(act(creating_vm()), vm_made())
    check_outcome(act(creating_vm(ip="")), vm_made(ip="10.0.0.200"))


@pytest.mark.parametrize(
    "outcome",
    [vm_made(ip="10.0.0.3"), Outcome(facts={"cid": "vm-1", "networks": []}), Outcome(facts={"cid": "vm-1"})],
    ids=["another address", "no network", "no networks at all"],
)
def test_another_address_than_planned_is_refused(outcome: Outcome) -> None:
    with pytest.raises(Bug) as raised:
        check_outcome(act(creating_vm()), outcome)
    assert raised.value.code == "outcome-differs"


def test_an_open_address_must_be_filled() -> None:
    with pytest.raises(Bug):
        check_outcome(act(creating_vm(ip="")), vm_made(ip=""))
