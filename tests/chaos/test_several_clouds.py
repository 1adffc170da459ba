"""One deployment over two clouds in virtual time: each VM, disk and stemcell on its AZ's cloud; nothing left after."""

from dataclasses import dataclass, field, replace

import pytest

from cpi.clouds.memory.calls import Conditions
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, StemcellRequest
from director.errors import InputError
from director.model.agents.agent_address import AgentTarget
from director.model.environments.desired import Az, Desired, Subnet
from director.model.environments.environment import CloudChoice, StemcellThere, stemcells_there
from tests.support import flow
from tests.support.deaths import Death, Deaths
from tests.support.memory_agents import AgentConditions, MemoryAgents
from tests.support.memory_blobs import MemoryBlobs
from tests.support.routing_agent import RoutingAgent
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT, small
from tests.support.worlds import PlainWorld


@dataclass(slots=True, kw_only=True)
class TwoClouds(Simulation):
    """The simulation with a second cloud beside its first; both count their CIDs from 1."""

    other: MemoryCloud = field(init=False)
    other_agents: MemoryAgents = field(init=False)

    def __post_init__(self) -> None:
        Simulation.__post_init__(self)
        rules = Rules(networks={"main": "10.0.128.0/17"})
        self.other = MemoryCloud(rules, Conditions(latency_s=self._latency_s, spend=self.time.spend))
        owner = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action="setup/create_stemcell")
        self.other.create_stemcell(StemcellRequest(owner=owner, os="memory-linux", version="0.9"))
        self.other.create_stemcell(StemcellRequest(owner=replace(owner, action="s2"), os="memory-linux", version="1.0"))
        there = stemcells_there("a", self.cloud.inventory().stemcells)
        there += stemcells_there("b", self.other.inventory().stemcells)
        choices = (CloudChoice(name="a", plugin="memory"), CloudChoice(name="b", plugin="memory"))
        self.environment = replace(self.environment, clouds=choices, stemcells=there)
        conditions = AgentConditions(random=self.random)
        self.other_agents = MemoryAgents(self.other, MemoryBlobs(self.blobs), self.time, conditions)

    def process(self, deaths: Deaths | None = None) -> PlainWorld:
        deaths = deaths or Deaths()
        world = Simulation.process(self, deaths)
        self.other.gate.conditions = replace(self.other.gate.conditions, faults=self.cloud.gate.conditions.faults)
        self.other_agents.deaths = deaths
        return replace(
            world,
            clouds={"a": connect_cloud(self.cloud), "b": connect_cloud(self.other)},
            agent=RoutingAgent(self._agents_of),
        )

    def _agents_of(self, target: AgentTarget) -> MemoryAgents:
        """Told apart by the address."""
        return self.other_agents if target.address.host.startswith("10.0.128.") else self.agents


def over_two(compiling: str = "z1") -> Desired:
    """The small deployment with AZ z1 on cloud a and z2 on cloud b; web servers in both, the database on b."""
    wanted = small()
    near = replace(wanted.networks[0].subnets[0], azs=("z1",))
    far = Subnet(cidr="10.0.128.0/24", gateway="10.0.128.1", azs=("z2",), cloud_properties={"network": "main"})
    groups = tuple(replace(group, azs=("z2",) if group.name == "db" else ("z1", "z2")) for group in wanted.groups)
    return replace(
        wanted,
        azs=(Az(name="z1", cloud="a"), Az(name="z2", cloud="b")),
        networks=(replace(wanted.networks[0], subnets=(near, far)),),
        groups=groups,
        compilation=replace(wanted.compilation, az=compiling),
    )


def _groups_on(cloud: MemoryCloud) -> list[str]:
    return sorted(held.request.name.rsplit("-", 2)[0] for held in cloud.resources.vms.values())


def test_each_instance_is_on_its_azs_cloud_with_that_clouds_stemcell() -> None:
    simulation = TwoClouds()
    result = flow.deploying(over_two())(simulation, Deaths())
    assert result is not None
    assert result.failures == {}
    assert (_groups_on(simulation.cloud), _groups_on(simulation.other)) == (["web"], ["db", "web"])
    assert (len(simulation.cloud.inventory().disks), len(simulation.other.inventory().disks)) == (0, 1)
    assert {held.request.stemcell_cid for held in simulation.other.resources.vms.values()} == {"stemcell-2"}
    assert flow.deploying(over_two())(simulation, Deaths()) is None


@pytest.mark.parametrize(("az", "compiled"), [("z1", "a"), ("z2", "b")])
def test_packages_are_compiled_on_the_cloud_of_the_compilations_az(az: str, compiled: str) -> None:
    simulation = TwoClouds()
    flow.deploying(over_two(az))(simulation, Deaths())
    made = {
        name: [call.subject for call in cloud.gate.log if call.method == "create_vm" and "compiler" in call.subject]
        for name, cloud in (("a", simulation.cloud), ("b", simulation.other))
    }
    assert [name for name, calls in made.items() if calls] == [compiled]


def test_a_cloud_without_the_stemcell_is_named() -> None:
    simulation = TwoClouds()
    kept: tuple[StemcellThere, ...] = tuple(one for one in simulation.environment.stemcells if one.cloud == "a")
    simulation.environment = replace(simulation.environment, stemcells=kept)
    with pytest.raises(InputError, match="Cloud 'b' of the environment has no stemcell"):
        flow.deploying(over_two())(simulation, Deaths())


def test_an_az_that_moves_to_the_other_cloud_takes_its_vms_along_and_leaves_none() -> None:
    simulation = TwoClouds()
    wanted = over_two()
    only_web = replace(wanted, groups=tuple(group for group in wanted.groups if group.name == "web"))
    flow.deploying(only_web)(simulation, Deaths())
    groups = tuple(replace(group, azs=("z2",)) for group in only_web.groups)
    result = flow.deploying(replace(only_web, groups=groups, manifest="v2"))(simulation, Deaths())
    assert result is not None
    assert result.failures == {}
    assert (_groups_on(simulation.cloud), _groups_on(simulation.other)) == ([], ["web", "web"])


@pytest.mark.parametrize("seed", range(6))
def test_dying_anywhere_ends_in_the_same_and_the_teardown_leaves_nothing(seed: int) -> None:
    simulation = TwoClouds(seed=seed)
    for dying_at in range(3 + seed, 200, 23):
        try:
            if flow.deploying(over_two())(simulation, Deaths(at=dying_at)) is None:
                break
        except Death:
            continue
    flow.deploying(over_two())(simulation, Deaths())
    assert (_groups_on(simulation.cloud), _groups_on(simulation.other)) == (["web"], ["db", "web"])
    flow.tearing_down()(simulation, Deaths())
    for cloud in (simulation.cloud, simulation.other):
        assert (cloud.inventory().vms, cloud.inventory().disks) == ((), ())
