"""Named disks: the director dies at every boundary; the same command again ends with the same disks, and none twice."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from director.model.environments.desired import Desired, DiskSpec
from director.model.environments.observed import DISK_TAG, ORPHAN_TAG
from tests.chaos import convergence
from tests.chaos.convergence import Scene, ending_of
from tests.chaos.scenes import demand_done, undisturbed
from tests.support import wants
from tests.support.aws.simulation import AwsSimulation, in_aws_words
from tests.support.azure.simulation import AzureSimulation, in_azure_words
from tests.support.deaths import Death, Deaths
from tests.support.flow import Command, deploying, tearing_down
from tests.support.simulation import Simulation

BEFORE = {"data": DiskSpec(size_mib=1024), "log": DiskSpec(size_mib=2048), "old": DiskSpec(size_mib=1024)}
AFTER = {"data": DiskSpec(size_mib=1024), "log": DiskSpec(size_mib=4096), "index": DiskSpec(size_mib=1024)}


def _small(disks: Mapping[str, DiskSpec], *, size: str = "small", text: str = "v1") -> Desired:
    database = replace(wants.group("db", 1, wants.job("db")), named_disks=disks)
    return wants.desired(replace(database, cloud_properties={"instance_type": size}), text=text)


UPDATES: Mapping[str, Desired] = {
    "update": _small(AFTER, text="v2"),
    "recreate": _small(AFTER, size="medium", text="v2"),
}


def _deployed() -> Simulation:
    simulation = Simulation(tears=True)
    demand_done(simulation, deploying(_small(BEFORE)))
    return simulation


def _scene(name: str) -> Scene:
    if name == "up":
        return Scene(begin=lambda: Simulation(tears=True), command=deploying(_small(BEFORE)))
    if name == "teardown":
        return Scene(begin=_deployed, command=tearing_down())
    return Scene(begin=_deployed, command=deploying(UPDATES[name]))


@pytest.mark.parametrize("name", ["up", "update", "recreate", "teardown"])
def test_named_disks_end_as_wanted_wherever_the_director_dies(name: str) -> None:
    inputs = _scene(name)
    expected, passed = undisturbed(inputs)
    assert len(passed) > 60, "a sweep over a handful of boundaries proves nothing"
    deaths = range(1, len(passed) + 1)
    assert [problem for at in deaths for problem in convergence.problems_after_death(inputs, at, expected)] == []


@pytest.mark.parametrize("name", UPDATES)
def test_the_disk_that_stays_is_the_same_and_those_that_go_are_orphans(name: str) -> None:
    simulation = _deployed()
    before = _disks(simulation.cloud)
    demand_done(simulation, deploying(UPDATES[name]))
    after = _disks(simulation.cloud)
    assert sorted(after) == ["data", "index", "log"]
    assert after["data"] == before["data"]
    orphans = {disk.cid for disk in simulation.cloud.inventory().disks if ORPHAN_TAG in disk.tags}
    assert orphans == {before["log"], before["old"]}
    (vm,) = simulation.cloud.inventory().vms
    assert simulation.agents.machine_at(vm.created.cid).named == after


@pytest.mark.parametrize("at", range(1, 200, 9))
def test_a_lost_state_knows_named_disks_by_their_tags(at: int) -> None:
    simulation = _deployed()
    with contextlib.suppress(Death):
        deploying(_small(BEFORE, size="medium"))(simulation, Deaths(at))
    before = _disks(simulation.cloud)
    simulation.store.deployments.clear()
    for kept in (simulation.journal.runs, simulation.journal.ends, simulation.journal.lines):
        kept.clear()
    result = deploying(_small(BEFORE, size="medium"))(simulation, Deaths())
    assert result is None or result.failures == {}
    assert convergence.wrongs(simulation, ending_of(simulation)) == []
    assert _disks(simulation.cloud) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fresh", "in_words"),
    [(AwsSimulation, in_aws_words), (AzureSimulation, in_azure_words)],
    ids=["aws", "azure"],
)
def test_real_clouds_create_attach_replace_and_delete_them(
    fresh: Callable[..., Simulation], in_words: Callable[[Desired], Desired]
) -> None:
    simulation = fresh(seed=3)
    life: list[Command] = [deploying(in_words(each)) for each in (_small(BEFORE), *UPDATES.values())]
    for command in life:
        demand_done(simulation, command)
        (vm,) = simulation.cloud.inventory().vms
        named = simulation.agents.machine_at(vm.created.cid).named
        assert set(named.values()) == set(vm.disk_cids)
        assert named == _disks(simulation.cloud)
    assert sorted(named) == ["data", "index", "log"]
    demand_done(simulation, tearing_down())
    assert (simulation.cloud.inventory().vms, simulation.cloud.inventory().disks) == ((), ())


def _disks(cloud: MemoryCloud) -> dict[str, str]:
    return {disk.tags[DISK_TAG]: disk.cid for disk in cloud.inventory().disks if ORPHAN_TAG not in disk.tags}
