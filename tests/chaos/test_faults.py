"""The cloud, the agents and the disk fail; commands succeed, or end with an error and the next one heals."""

from collections.abc import Mapping
from random import Random

import pytest

from cpi.clouds.memory.faults import InjectedFault, RandomFaults
from director.errors import StateError
from director.model.tasks.events import Happening
from director.ports.runner import Interrupted
from tests.chaos import convergence
from tests.chaos.scenes import expected_ending, scenes
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying, tearing_down
from tests.support.simulation import Simulation

WEATHER: Mapping[str, Mapping[InjectedFault, float]] = {
    "throttled": {InjectedFault.THROTTLED: 0.3},
    "replies lost": {InjectedFault.LOST_BEFORE: 0.1, InjectedFault.LOST_AFTER: 0.15},
    "everything": {
        InjectedFault.THROTTLED: 0.15,
        InjectedFault.TRANSIENT: 0.1,
        InjectedFault.LOST_BEFORE: 0.05,
        InjectedFault.LOST_AFTER: 0.1,
    },
}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("weather", WEATHER)
def test_up_update_and_teardown_go_well_in_bad_weather(weather: str, seed: int) -> None:
    simulation = Simulation(seed=seed)
    simulation.faults = RandomFaults(random=Random(seed).random, shares=WEATHER[weather])
    for command in (deploying(wants.small()), deploying(wants.small_changed()), tearing_down()):
        result = command(simulation, Deaths())
        assert result is not None
        assert result.failures == {}
        assert convergence.wrongs(simulation, convergence.ending_of(simulation)) == []
    inventory = simulation.cloud.inventory()
    assert (inventory.vms, inventory.disks) == ((), ())
    assert len(simulation.cloud.gate.log) > 30


@pytest.mark.parametrize("seed", range(10))
def test_answers_of_agents_that_are_lost_are_asked_for_again(seed: int) -> None:
    simulation = Simulation(seed=seed)
    simulation.agents.conditions.lost_share = 0.15
    for command in (deploying(wants.small()), deploying(wants.small_changed())):
        result = command(simulation, Deaths())
        assert result is not None
        assert result.failures == {}
    assert convergence.wrongs(simulation, convergence.ending_of(simulation)) == []


def test_a_quota_stops_at_once_with_its_numbers_and_cleans_up_compile_vms() -> None:
    simulation = Simulation(seed=1)
    simulation.faults = RandomFaults(
        random=Random(1).random, shares={InjectedFault.NO_CAPACITY: 0.3}, is_sparing_reads=True
    )
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None and not result.is_done
    assert {failure.code for failure in result.failures.values()} == {"no-capacity"}
    simulation.faults = Simulation().faults
    inputs = scenes()["up"]
    assert convergence.finish(inputs, simulation, expected_ending(inputs)) == []


@pytest.mark.parametrize("name", ["web/0", "web/1", "db/0"])
def test_a_vm_that_vanished_is_made_again_and_its_disk_kept(name: str) -> None:
    inputs = scenes()["up"]
    simulation = inputs.begin()
    inputs.command(simulation, Deaths())
    state = simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT]
    vm = next(record.vm for record in state.instances if record.name == name)
    assert vm is not None
    simulation.cloud.vanish_vm(vm.cid)
    assert convergence.finish(inputs, simulation, expected_ending(inputs)) == []


@pytest.mark.parametrize("verb", ["prepare", "apply", "start"])
def test_a_vm_that_vanishes_in_the_middle_is_told_by_the_cloud_and_not_waited_for(verb: str) -> None:
    inputs = scenes()["up"]
    simulation = inputs.begin()
    simulation.agents.conditions.vanishing = {(verb, "web/0")}
    result = inputs.command(simulation, Deaths())
    assert result is not None
    assert [failure.code for failure in result.failures.values()] == ["vm-not-running"]
    assert [event.kind for event in simulation.watcher.events if event.happening is Happening.RETRYING] == []
    assert convergence.finish(inputs, simulation, expected_ending(inputs)) == []


@pytest.mark.parametrize("room", range(0, 70, 3))
def test_a_full_disk_under_the_journal_loses_nothing(room: int) -> None:
    inputs = scenes()["up"]
    simulation = inputs.begin()
    simulation.journal.room = room
    with pytest.raises(StateError) as raised:
        inputs.command(simulation, Deaths())
    assert raised.value.code == "disk-full"
    simulation.journal.room = None
    assert convergence.finish(inputs, simulation, expected_ending(inputs)) == []


@pytest.mark.parametrize("after_s", [1, 15, 40, 70, 90, 110])
def test_whoever_interrupts_goes_on_with_the_same_command(after_s: int) -> None:
    inputs = scenes()["up"]
    simulation = inputs.begin()
    simulation.time.interrupt_at = simulation.time.at + after_s
    with pytest.raises(Interrupted):
        inputs.command(simulation, Deaths())
    simulation.time.interrupt_at = None
    assert convergence.finish(inputs, simulation, expected_ending(inputs)) == []


def test_a_canary_that_fails_stops_the_rest_and_the_next_deploy_heals() -> None:
    inputs = scenes()["update"]
    simulation = inputs.begin()
    simulation.agents.conditions.failing = {("start", "web/0"), ("start", "web/1")}
    result = inputs.command(simulation, Deaths())
    assert result is not None
    assert [failure.code for failure in result.failures.values()] == ["script-failed"]
    state = simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT]
    assert sorted(record.name for record in state.instances if record.is_dirty) != []
    assert state.manifest == "v1"
    simulation.agents.conditions.failing = set()
    assert convergence.finish(inputs, simulation, expected_ending(inputs)) == []
