"""The director dies at every boundary of up, an update and a teardown; the same command again converges."""

from random import Random

import pytest

from tests.chaos import convergence
from tests.chaos.scenes import expected_ending, scenes, undisturbed
from tests.support.deaths import Death, Deaths

NAMES = ("up", "update", "teardown")


@pytest.mark.parametrize("name", NAMES)
def test_whoever_dies_anywhere_converges_when_started_again(name: str) -> None:
    inputs = scenes(tears=True, has_storage=True)[name]
    expected, passed = undisturbed(inputs)
    assert len(passed) > 100, "a sweep over a handful of boundaries proves nothing"
    deaths = range(1, len(passed) + 1)
    assert [problem for at in deaths for problem in convergence.problems_after_death(inputs, at, expected)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_cloud_that_cannot_find_is_never_asked_twice_blindly(name: str) -> None:
    """Every third boundary: three shares no factor with the pairs of before and after, so both are met."""
    inputs = scenes(has_finder=False)[name]
    expected, passed = undisturbed(inputs)
    deaths = range(1, len(passed) + 1, 3)
    assert [problem for at in deaths for problem in convergence.problems_after_death(inputs, at, expected)] == []


@pytest.mark.parametrize("seed", range(40))
def test_dying_again_while_recovering_converges_too(seed: int) -> None:
    random = Random(seed)
    name = random.choice(NAMES)
    inputs = scenes(tears=True, seed=seed)[name]
    expected = expected_ending(inputs)
    simulation, struck = inputs.begin(), 0
    for _ in range(4):
        deaths = Deaths(random.randint(1, 120))
        try:
            inputs.command(simulation, deaths)
        except Death:
            struck += 1
    assert struck > 0
    assert convergence.finish(inputs, simulation, expected) == []
