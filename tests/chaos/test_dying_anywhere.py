"""The director dies at every boundary of up, an update and a teardown; the same command again converges."""

from random import Random

import pytest

from tests.chaos import convergence
from tests.chaos.scenes import expected_ending, scenes
from tests.support.deaths import Death, Deaths

NAMES = ("up", "update", "teardown")
PARTS = 3
"""Each sweep is cut in parts, so that several processors can share it."""


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", NAMES)
def test_whoever_dies_anywhere_converges_when_started_again(name: str, part: int) -> None:
    inputs = scenes(tears=True, has_storage=True)[name]
    expected = expected_ending(inputs)
    count = len(convergence.boundaries_of(inputs))
    assert count > 100, "a sweep over a handful of boundaries proves nothing"
    deaths = range(1 + part, count + 1, PARTS)
    assert [problem for at in deaths for problem in convergence.problems_after_death(inputs, at, expected)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_cloud_that_cannot_find_is_never_asked_twice_blindly(name: str) -> None:
    """Every third boundary: three shares no factor with the pairs of before and after, so both are met."""
    inputs = scenes(has_finder=False)[name]
    expected = expected_ending(inputs)
    deaths = range(1, len(convergence.boundaries_of(inputs)) + 1, 3)
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
