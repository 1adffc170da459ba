"""A run from its first line to its last, in a simulated world."""

from dataclasses import replace

import pytest

from cpi.clouds.memory.faults import CloudCall
from cpi.contract.values import VmState
from director.errors import StateError
from director.model.environments.state import DeploymentState
from director.model.ids import RunId
from director.model.tasks.entries import Failed
from director.model.tasks.events import Happening
from director.model.tasks.task import TaskState
from director.observe.front import observe_world
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.flow import deploying, plan_for, tearing_down
from tests.support.simulation import Simulation

KEY = (wants.ENVIRONMENT, wants.DEPLOYMENT)


def state_of(simulation: Simulation) -> DeploymentState:
    return simulation.store.deployments[KEY]


def test_reservations_and_plan_are_on_disk_before_the_first_call_of_the_cloud() -> None:
    simulation = Simulation()

    class FirstCall:
        def before(self, call: CloudCall) -> None:
            if not call.is_read:
                raise Death("the first call that changes something")

        def after(self, call: CloudCall) -> None:
            """Never comes so far."""

    simulation.faults = FirstCall()
    with pytest.raises(Death):
        deploying(wants.small())(simulation, Deaths())
    assert [(record.name, record.addresses) for record in state_of(simulation).instances] == [
        ("db/0", {}),
        ("web/0", {}),
        ("web/1", {}),
    ]
    run = simulation.process().journal.unfinished_run(*KEY)
    assert run is not None and len(run.plan.actions) > 20
    assert run.plan.reserved() == {"default": {f"10.0.0.{last}" for last in range(2, 7)}}


def test_what_runs_is_what_was_planned() -> None:
    simulation, world = Simulation(), Simulation().process()
    empty = DeploymentState(environment=wants.ENVIRONMENT, deployment=wants.DEPLOYMENT)
    observed = observe_world(world, simulation.environment, desired=wants.small(), state=empty)
    planned = plan_for(wants.small(), observed, run_id=RunId("r1"), simulation=simulation)
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None
    assert set(result.results) == {action.id for action in planned.actions}


def test_a_run_that_fails_keeps_the_manifest_of_the_last_that_went_well() -> None:
    simulation = Simulation(seed=4)
    deploying(wants.small())(simulation, Deaths())
    simulation.agents.conditions.failing = {("start", "db/0")}
    result = deploying(wants.small_changed())(simulation, Deaths())
    assert result is not None
    assert (result.is_done, result.run.state, result.run.result) == (
        False,
        TaskState.ERROR,
        "script-failed: start of db/0 failed.",
    )
    assert result.run.number == 2
    assert state_of(simulation).manifest == "v1"
    assert [failure.output for failure in result.failures.values()] == ["last line"]


def test_watchers_are_told_of_every_start_and_end() -> None:
    simulation = Simulation()
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None
    total = len(result.run.plan.actions)
    happened = [event.happening for event in simulation.watcher.events]
    assert happened.count(Happening.STARTED) == happened.count(Happening.FINISHED) == total
    assert (happened[0], happened[-1]) == (Happening.PLANNED, Happening.ENDED)
    last = simulation.watcher.events[-1]
    assert (last.done, last.total) == (total, total)


def test_an_agent_is_let_go_before_its_vm_is_deleted() -> None:
    simulation = Simulation()
    deploying(wants.small())(simulation, Deaths())
    simulation.agents.forgotten.clear()
    tearing_down()(simulation, Deaths())
    assert sorted(simulation.agents.forgotten) == ["db/0", "web/0", "web/1"]


def test_a_new_vm_is_met_as_a_stranger_though_another_vanished_from_its_address() -> None:
    simulation = Simulation()
    deploying(wants.small())(simulation, Deaths())
    vm = next(record.vm for record in state_of(simulation).instances if record.name == "db/0")
    assert vm is not None
    simulation.cloud.vanish_vm(vm.cid)
    simulation.agents.forgotten.clear()
    deploying(wants.small())(simulation, Deaths())
    assert simulation.agents.forgotten == ["db/0"]


def test_host_keys_are_pinned_from_first_contact() -> None:
    simulation = Simulation()
    deploying(wants.small())(simulation, Deaths())
    vms = [record.vm for record in state_of(simulation).instances]
    assert [vm and vm.host_key for vm in vms] == [f"ssh-ed25519 {vm.cid}" for vm in vms if vm]


def test_an_agent_that_never_answers_fails_with_its_leg_the_clouds_word_and_the_console() -> None:
    simulation = Simulation()
    simulation.agents.conditions.boot_s = (10_000.0, 10_000.0)
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None
    failures = list(result.failures.values())
    assert {failure.code for failure in failures} == {"vm-not-booted"}
    assert all("as running. Waited 60" in failure.why for failure in failures)
    assert all(failure.output.endswith("login:") for failure in failures)
    assert simulation.time.at < 1_000_000 + 800


def test_a_call_in_doubt_on_a_cloud_that_cannot_say_is_named_until_a_person_closes_the_run() -> None:
    simulation = Simulation(has_finder=False)
    labels = Deaths()
    deploying(wants.small())(Simulation(has_finder=False), labels)
    first = labels.passed.index("cloud: after create_vm") + 1
    with pytest.raises(Death):
        deploying(wants.small())(simulation, Deaths(first))
    for _ in range(2):
        with pytest.raises(StateError) as raised:
            deploying(wants.small())(simulation, Deaths())
        assert raised.value.code == "call-uncertain"
        assert "create_vm for web/" in raised.value.what
        assert "r1/create_vm/" in raised.value.why


@pytest.mark.parametrize(("at", "said"), [("before", "had no effect"), ("after", "some of its parts do")])
def test_a_creation_that_left_parts_is_not_said_to_have_had_no_effect(at: str, said: str) -> None:
    labels = Deaths()
    deploying(wants.small())(Simulation(), labels)
    simulation = Simulation()
    with pytest.raises(Death):
        deploying(wants.small())(simulation, Deaths(labels.passed.index(f"cloud: {at} create_vm") + 1))
    for cid, held in simulation.cloud.resources.vms.items():
        simulation.cloud.resources.vms[cid] = replace(held, found=replace(held.found, state=VmState.INCOMPLETE))
    deploying(wants.small())(simulation, Deaths())
    entries = simulation.process(Deaths()).journal.read_entries(RunId("r1"))
    failed = [entry for entry in entries if isinstance(entry, Failed) and "/create_vm/" in entry.action]
    reported = {(entry.failure.code, said in entry.failure.what) for entry in failed}
    assert ("interrupted", True) in reported


def test_a_run_that_was_killed_took_as_long_as_it_lived() -> None:
    simulation = Simulation()
    with pytest.raises(Death):
        deploying(wants.small())(simulation, Deaths(40))
    journal = simulation.process(Deaths()).journal
    (run,) = journal.list_runs(wants.ENVIRONMENT)
    last_at = max(entry.at for entry in journal.read_entries(run.id))
    simulation.time.at += 36_000.0
    deploying(wants.small())(simulation, Deaths())
    settled = journal.list_runs(wants.ENVIRONMENT)[-1]
    assert (settled.id, settled.result, settled.ended_at) == (run.id, "interrupted", last_at)
