"""A state that is lost while its machines run on: the same manifest takes them over, and no disk's content is lost."""

import contextlib

import pytest

from cpi.contract.values import DiskCid
from director.errors import StateError
from tests.chaos import convergence
from tests.chaos.convergence import ending_of
from tests.chaos.scenes import scenes
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation

CHANGED = deploying(wants.small_changed())


@pytest.mark.parametrize("seed", range(3))
def test_the_same_deploy_adopts_all_that_is_there(seed: int) -> None:
    simulation = scenes(seed=seed)["update"].begin()
    before, ending = _disks(simulation), ending_of(simulation)
    _lose_state(simulation)
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None
    assert result.failures == {}
    assert convergence.wrongs(simulation, ending) == []
    assert _disks(simulation) == before
    assert deploying(wants.small())(simulation, Deaths()) is None


@pytest.mark.parametrize("at", range(1, 200, 9))
def test_state_and_journal_lost_at_any_time_lose_no_content(at: int) -> None:
    inputs = scenes()["update"]
    simulation = inputs.begin()
    with contextlib.suppress(Death):
        inputs.command(simulation, Deaths(at))
    before = _disks(simulation)
    _lose_state(simulation)
    try:
        result = CHANGED(simulation, Deaths())
    except StateError as error:
        assert error.code == "disks-ambiguous"
    else:
        assert result is None or result.failures == {}
        assert [wrong for wrong in convergence.wrongs(simulation, ending_of(simulation)) if "empty" in wrong] == []
    assert before <= _disks(simulation)


def _lose_state(simulation: Simulation) -> None:
    simulation.store.deployments.clear()
    for kept in (simulation.journal.runs, simulation.journal.ends, simulation.journal.lines):
        kept.clear()


def _disks(simulation: Simulation) -> frozenset[DiskCid]:
    return frozenset(disk.cid for disk in simulation.cloud.inventory().disks)
