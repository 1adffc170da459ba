"""Who is taken for silent when agents do not answer: they themselves, or the jumpbox before them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from cpi.clouds.memory.landing import MemoryLanding
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import Endpoint
from director.model.agents.agent_state import AgentState
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import SSH_PORT, Environment, Jumpbox
from director.model.environments.observed import JUMPBOX_SILENT, NoAnswer
from director.model.environments.state import DeploymentState
from director.observe.front import observe_world
from director.ports.world import World
from tests.support import wants, worlds
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation

_WAY = "db/0"
"""Its VM replaces the jumpbox's: the others are reached through it."""


class ReopenedLanding(MemoryLanding):
    """A landing zone whose way in this machine keeps open: asked for it, it makes the jumpbox reachable."""

    def __init__(self, simulation: Simulation, reopen: Callable[[], None]) -> None:
        super().__init__(simulation.cloud)
        self._reopen = reopen

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        self._reopen()
        return super().endpoint_of(address, port)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    simulation: Simulation
    environment: Environment

    def stop(self, name: str) -> None:
        vm = next(record.vm for record in self.state.instances if record.name == name)
        assert vm is not None
        self.simulation.cloud.stop_vm(vm.cid)

    def start(self, name: str) -> None:
        vm = next(record.vm for record in self.state.instances if record.name == name)
        assert vm is not None
        self.simulation.cloud.start_vm(vm.cid)

    @property
    def state(self) -> DeploymentState:
        return self.simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT]

    def look(self, world: World | None = None) -> dict[str, str]:
        """What each instance's agent says, in a word."""
        seen = observe_world(
            world or self.simulation.process(), self.environment, desired=wants.small(), state=self.state
        )
        names = {record.id: record.name for record in self.state.instances}
        return {names[at]: _word(said) for at, said in seen.agents.items()}


def _word(said: AgentState | NoAnswer) -> str:
    return said.code if isinstance(said, NoAnswer) else "answers"


@pytest.fixture
def inputs() -> Scene:
    """A small deployment behind a jumpbox."""
    simulation = Simulation(seed=2)
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None and result.is_done
    state = simulation.store.deployments[wants.ENVIRONMENT, wants.DEPLOYMENT]
    (address,) = [record.addresses["default"] for record in state.instances if record.name == _WAY]
    jumpbox = Jumpbox(cloud=ONLY_CLOUD, address="198.51.100.1", endpoint=Endpoint(host=address, port=SSH_PORT))
    return Scene(simulation=simulation, environment=replace(simulation.environment, jumpboxes=(jumpbox,)))


def test_a_silent_vm_behind_a_jumpbox_that_answers_is_silent_itself(inputs: Scene) -> None:
    inputs.stop("web/1")
    assert inputs.look() == {"db/0": "answers", "web/0": "answers", "web/1": "vm-not-booted"}


def test_behind_a_silent_jumpbox_nobody_is_judged_who_does_not_answer(inputs: Scene) -> None:
    inputs.stop(_WAY)
    inputs.stop("web/1")
    assert inputs.look()["web/1"] == JUMPBOX_SILENT


def test_a_way_that_could_be_opened_again_is_used_and_the_silent_are_asked_once_more(inputs: Scene) -> None:
    inputs.stop(_WAY)
    inputs.stop("web/1")
    inputs.simulation.agents.conditions.boot_s = (0.0, 0.0)

    def reopen() -> None:
        inputs.start(_WAY)
        inputs.start("web/1")
        inputs.simulation.agents.disk.ready_at.clear()

    world = inputs.simulation.process()
    cloud: ConnectedCloud = replace(world.clouds[ONLY_CLOUD], landing=ReopenedLanding(inputs.simulation, reopen))
    assert inputs.look(worlds.with_clouds(world, {ONLY_CLOUD: cloud}))["web/1"] == "answers"


def test_a_healthy_deployment_costs_no_question_to_the_jumpbox(inputs: Scene) -> None:
    began_at = inputs.simulation.time.at
    inputs.look()
    assert inputs.simulation.time.at - began_at < 2.0
