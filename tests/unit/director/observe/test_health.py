"""One agent asks for all: the others are asked themselves only where they are not well, or where there is doubt."""

from dataclasses import replace

from director.model.agents.agent_state import AgentState, JobState
from director.model.environments.observed import NoAnswer, Observed
from director.model.environments.state import DeploymentState, DesiredPower
from director.observe.front import observe_agents, observe_clouds
from tests.support import wants
from tests.support.machines import Machine
from tests.support.simulation import Simulation
from tests.unit.director.observe.test_front import deployed, state_of, vm_of


def _deployed() -> Simulation:
    """With nothing asked since."""
    simulation = deployed()
    for machine in simulation.agents.disk.machines.values():
        machine.verbs.clear()
    return simulation


def _look(simulation: Simulation, state: DeploymentState | None = None) -> Observed:
    world = simulation.process()
    state = state or state_of(simulation)
    seen = observe_clouds(world, simulation.environment, desired=wants.small(), state=state)
    return observe_agents(world, simulation.environment, observed=seen, instances=())


def _machine(simulation: Simulation, name: str) -> Machine:
    return simulation.agents.machine_at(vm_of(simulation, name).cid)


def _asked(simulation: Simulation) -> dict[str, list[str]]:
    """What each agent was asked since the deploy."""
    machines = {name: _machine(simulation, name) for name in ("db/0", "web/0", "web/1")}
    asked = {
        name: [verb for verb in one.verbs if verb in ("query_health", "get_state")] for name, one in machines.items()
    }
    return {name: verbs for name, verbs in asked.items() if verbs}


def test_where_all_are_well_a_single_agent_is_asked() -> None:
    simulation = _deployed()
    assert _look(simulation).agents == {}
    assert _asked(simulation) == {"db/0": ["query_health"]}


def test_an_instance_whose_jobs_do_not_run_is_asked_itself() -> None:
    simulation = _deployed()
    _machine(simulation, "web/1").stop()
    (answer,) = _look(simulation).agents.values()
    assert isinstance(answer, AgentState)
    assert answer.job_state is JobState.STOPPED
    assert _asked(simulation) == {"db/0": ["query_health"], "web/1": ["get_state"]}


def test_an_instance_that_should_not_run_is_asked_itself() -> None:
    simulation = _deployed()
    state = state_of(simulation)
    stopped = [replace(one, wanted=DesiredPower.STOPPED) if one.name == "web/0" else one for one in state.instances]
    _look(simulation, replace(state, instances=tuple(stopped)))
    assert _asked(simulation) == {"db/0": ["query_health"], "web/0": ["get_state"]}


def test_vms_without_records_are_asked_themselves() -> None:
    simulation = _deployed()
    _machine(simulation, "web/0").dns = None
    assert len(_look(simulation).agents) == 1
    assert _asked(simulation) == {"db/0": ["query_health"], "web/0": ["get_state"]}


def test_where_the_first_vm_is_off_another_asks() -> None:
    simulation = _deployed()
    simulation.cloud.stop_vm(vm_of(simulation, "db/0").cid)
    (answer,) = _look(simulation).agents.values()
    assert isinstance(answer, NoAnswer)
    assert _asked(simulation) == {"web/0": ["query_health"]}


def test_where_no_agent_answers_all_are_asked() -> None:
    simulation = _deployed()
    late = simulation.time.now() + 1e6
    simulation.agents.disk.ready_at = dict.fromkeys(simulation.agents.disk.ready_at, late)
    answers = _look(simulation).agents
    assert len(answers) == 3
    assert all(isinstance(answer, NoAnswer) for answer in answers.values())
