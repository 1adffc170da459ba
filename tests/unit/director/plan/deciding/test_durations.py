"""How long a plan takes, by former runs."""

from dataclasses import replace

from director.actions.create_vm import CreateVm
from director.model.costs import Duration
from director.model.ids import ActionId
from director.model.tasks.entries import Begun, Done, Entry
from director.model.tasks.plan import Gate, Plan
from director.model.tasks.work import CidResult
from director.plan.deciding import durations
from tests.unit.director.plan.deciding.test_preflight_requests import making, plan


def _ran(took_s: float, number: int) -> list[Entry]:
    action = ActionId(f"r{number}/create_vm/a")
    return [
        Begun(action=action, at=1.0),
        Begun(action=action, at=10.0, attempt=2),
        Done(action=action, at=10.0 + took_s, kind="create_vm", result=CidResult(cid="vm")),
    ]


_MEASURED = durations.measure([_ran(20, 1), _ran(30, 2), _ran(90, 3)], {})


def _vms(count: int, *, gate: int | None = None) -> Plan:
    made = plan(*(making(str(number)) for number in range(count)))
    if gate is None:
        return made
    gated = tuple(replace(action, gate="web", is_entering=True, is_leaving=True) for action in made.actions)
    return replace(made, actions=gated, gates=(Gate(name="web", width=gate),))


def test_the_median_of_former_runs_counts_from_the_last_beginning() -> None:
    assert durations.duration_of([_vms(4)], _MEASURED) == Duration(measured_s=30.0)


def test_a_gate_and_plans_one_after_the_other_make_it_longer() -> None:
    assert durations.duration_of([_vms(4, gate=2), _vms(1)], _MEASURED).measured_s == 90.0


def test_what_never_ran_is_named_and_its_time_is_not_guessed() -> None:
    assert durations.duration_of([_vms(1)], durations.measure([], {})) == Duration(
        measured_s=0.0, unmeasured=("create vm",)
    )
    assert CreateVm.facts.estimate_s > 0
