"""What is seen of a deployment: machines, agents, caches, neighbours."""

from dataclasses import replace
from random import Random

from cpi.clouds.memory.faults import InjectedFault, RandomFaults
from director.model.agents.agent_state import AgentState, JobState
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DeploymentState, InstanceRecord, VmRecord
from director.model.ids import DeploymentName, GroupName, InstanceId
from director.observe.front import observe_world
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation


def deployed(*, has_finder: bool = True) -> Simulation:
    simulation = Simulation(seed=2, has_finder=has_finder)
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None and result.is_done
    return simulation


def state_of(simulation: Simulation) -> DeploymentState:
    return simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT]


def look(simulation: Simulation) -> Observed:
    state = state_of(simulation)
    return observe_world(simulation.process(), simulation.environment, desired=wants.small(), state=state)


def vm_of(simulation: Simulation, name: str) -> VmRecord:
    found = next(record.vm for record in state_of(simulation).instances if record.name == name)
    assert found is not None
    return found


def test_a_healthy_deployment_is_seen_whole() -> None:
    simulation = deployed()
    seen = look(simulation)
    assert (seen.vms, seen.disks) == (simulation.cloud.inventory().vms, simulation.cloud.inventory().disks)
    states = [agent.job_state for agent in seen.agents.values() if isinstance(agent, AgentState)]
    assert states == [JobState.RUNNING] * 3
    assert set(seen.compiled) == {"runtime-key", "server-key"}
    assert seen.secret_versions == {"/test/app/password": 1}
    assert seen.taken == {}


def test_looking_costs_two_calls_of_the_cloud_and_one_of_each_agent_at_the_same_time() -> None:
    simulation = deployed()
    before, began_at = len(simulation.cloud.gate.log), simulation.time.at
    look(simulation)
    assert [call.method for call in simulation.cloud.gate.log[before:]] == ["find_vms", "find_disks"]
    assert simulation.time.at - began_at < 2.0


def test_a_vanished_vm_is_not_seen_and_nobody_asks_its_agent() -> None:
    simulation = deployed()
    cid = vm_of(simulation, "web/0").cid
    simulation.cloud.vanish_vm(cid)
    seen = look(simulation)
    assert seen.vm(cid) is None
    assert len(seen.agents) == 2


def test_silence_is_recorded_with_the_leg_that_broke() -> None:
    simulation = deployed()
    simulation.cloud.stop_vm(vm_of(simulation, "web/1").cid)
    silent = [agent for agent in look(simulation).agents.values() if isinstance(agent, NoAnswer)]
    assert silent == [NoAnswer(code="vm-not-booted", why="web/1 has not booted.")]


def test_a_cloud_that_cannot_find_is_asked_for_each_machine() -> None:
    simulation = deployed(has_finder=False)
    seen, inventory = look(simulation), simulation.cloud.inventory()
    assert [vm.created.cid for vm in seen.vms] == [vm_of(simulation, name).cid for name in ("db/0", "web/0", "web/1")]
    assert [(disk.cid, disk.vm_cid) for disk in seen.disks] == [(disk.cid, disk.vm_cid) for disk in inventory.disks]
    assert {vm.owner.action for vm in seen.vms} == {vm.owner.action for vm in inventory.vms}


def test_a_throttled_look_is_made_again() -> None:
    simulation = deployed()
    calm = look(simulation)
    simulation.faults = RandomFaults(random=Random(1).random, shares={InjectedFault.THROTTLED: 0.5})
    assert replace(look(simulation), seen_at=calm.seen_at) == calm


def test_addresses_of_other_deployments_are_taken_and_our_own_are_not() -> None:
    simulation = deployed()
    other = DeploymentState(
        environment=wants.ENVIRONMENT,
        deployment=DeploymentName("other"),
        instances=(
            InstanceRecord(id=InstanceId("x"), group=GroupName("x"), index=0, addresses={"default": "10.0.0.77"}),
        ),
    )
    simulation.store.deployments[wants.ENVIRONMENT, other.deployment] = other
    assert look(simulation).taken == {"default": frozenset({"10.0.0.77"})}


def test_looking_changes_nothing() -> None:
    simulation = deployed()
    before = (simulation.cloud.inventory(), dict(simulation.store.deployments), dict(simulation.journal.lines))
    look(simulation)
    assert before == (simulation.cloud.inventory(), simulation.store.deployments, simulation.journal.lines)


def test_a_cloud_that_cannot_find_is_asked_about_nothing_twice() -> None:
    simulation = deployed(has_finder=False)
    before = len(simulation.cloud.gate.log)
    look(simulation)
    asked = [(call.method, call.subject) for call in simulation.cloud.gate.log[before:]]
    assert sorted({method for method, _ in asked}) == ["get_disks", "has_disk", "has_vm"]
    assert len(asked) == len(set(asked))
