"""The sweep can fail: rooms broken on purpose are caught by the same checks that the real ones pass."""

import pytest

from tests.chaos import broken, convergence
from tests.chaos.convergence import Witness
from tests.chaos.scenes import expected_ending, scenes
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import REAL, Rooms, deploying
from tests.support.simulation import Simulation

BROKEN = {
    "journal after call": broken.JOURNAL_AFTER_CALL,
    "never looks": broken.NEVER_LOOKS,
    "forgets what was done": broken.FORGETS_WHAT_WAS_DONE,
}


@pytest.mark.parametrize("name", [*BROKEN, "real"])
def test_broken_rooms_leave_things_that_the_sweep_sees(name: str) -> None:
    """On a cloud that cannot find, for there nothing else makes up for a careless execute room."""
    expected = expected_ending(scenes(has_finder=False)["up"])
    scene = scenes(BROKEN.get(name, REAL), has_finder=False)["up"]
    deaths = [
        at
        for at, boundary in enumerate(convergence.boundaries_of(scene), start=1)
        if boundary in ("cloud: after create_vm", "cloud: after create_disk")
    ]
    assert deaths, "nothing was created: nothing was tried"
    wrong = [problem for at in deaths for problem in convergence.problems_after_death(scene, at, expected)]
    assert bool(wrong) is (name in BROKEN)


@pytest.mark.parametrize(("rooms", "is_recorded"), [(REAL, True), (broken.JOURNAL_AFTER_CALL, False)])
def test_no_creating_call_leaves_before_it_is_on_record(rooms: Rooms, is_recorded: bool) -> None:
    simulation = Simulation(seed=3)
    witness = Witness(simulation, [])
    simulation.faults = witness
    result = deploying(wants.small(), rooms)(simulation, Deaths())
    assert result is not None and result.is_done
    assert (witness.unrecorded == []) is is_recorded
