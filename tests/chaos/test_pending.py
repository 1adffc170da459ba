"""The director dies while the cloud executes an accepted call; the same command continues to watch it and converges."""

from dataclasses import replace

import pytest

from director.model.tasks.entries import Accepted
from tests.chaos import convergence, scenes
from tests.chaos.convergence import Scene
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.flow import deploying
from tests.support.slow_cloud import SlowSimulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT


def _fresh() -> SlowSimulation:
    return SlowSimulation(seed=7, tears=True)


def _scene(name: str) -> Scene:
    if name == "tags":
        tagged = replace(wants.small(), tags={"team": "blue"})
        return replace(scenes.scenes_of(_fresh, wants.small(), tagged)["update"])
    return scenes.scenes_of(_fresh, wants.small(), wants.small_changed())[name]


LOOKED_AT = {
    "up": {"create_vm", "delete_vm", "create_disk"},
    "update": {"create_vm", "delete_vm", "create_disk", "set_disk_metadata"},
    "teardown": {"delete_vm", "delete_disk", "set_disk_metadata"},
    "tags": {"set_vm_metadata"},
}


@pytest.mark.parametrize("name", LOOKED_AT)
def test_whoever_dies_while_the_cloud_is_at_it_converges_when_started_again(name: str) -> None:
    inputs = _scene(name)
    expected, passed = scenes.undisturbed(inputs)
    looked_at = {boundary.split()[3] for boundary in passed if boundary.startswith("cloud: after look")}
    assert looked_at == LOOKED_AT[name], "what was not looked at proves nothing"
    deaths = range(1, len(passed) + 1)
    assert [problem for at in deaths for problem in convergence.problems_after_death(inputs, at, expected)] == []


def test_a_later_process_goes_on_watching_what_an_earlier_one_began() -> None:
    inputs = _scene("up")
    passed = convergence.boundaries_of(inputs)
    at = next(at for at, boundary in enumerate(passed, 1) if boundary.startswith("cloud: after look create_vm"))
    simulation = inputs.begin()
    assert isinstance(simulation, SlowSimulation)
    with pytest.raises(Death):
        inputs.command(simulation, Deaths(at))
    world = simulation.process()
    run = world.journal.unfinished_run(ENVIRONMENT, DEPLOYMENT)
    assert run is not None
    accepted = [entry.handle for entry in world.journal.read_entries(run.id) if isinstance(entry, Accepted)]
    under_way = {handle: left for handle, left in simulation.operations.left.items() if left > 0}
    assert under_way and set(under_way) & set(accepted)
    deploying(wants.small())(simulation, Deaths())
    assert all(simulation.operations.left[handle] <= 0 for handle in accepted)
    assert convergence.finish(replace(inputs), simulation, scenes.expected_ending(inputs)) == []
