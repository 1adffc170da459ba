"""What the sweeps kill: a first deploy, an update and a teardown.

Takes a simulation's settings, gives scenes.
"""

from collections.abc import Callable, Mapping

from director.model.environments.desired import Desired
from tests.chaos import convergence
from tests.chaos.convergence import Ending, Scene, ending_of
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import REAL, Command, Rooms, deploying, tearing_down
from tests.support.simulation import Simulation


def scenes(
    rooms: Rooms = REAL, *, has_finder: bool = True, has_storage: bool = False, tears: bool = False, seed: int = 7
) -> Mapping[str, Scene]:
    """By name. What precedes the command that dies always goes well."""

    def fresh() -> Simulation:
        return Simulation(seed=seed, has_finder=has_finder, has_storage=has_storage, tears=tears)

    return scenes_of(fresh, wants.small(), wants.small_changed(), rooms=rooms)


def scenes_of(
    fresh: Callable[[], Simulation], small: Desired, changed: Desired, *, rooms: Rooms = REAL
) -> Mapping[str, Scene]:
    """The same three in any world."""

    def deployed() -> Simulation:
        simulation = fresh()
        result = deploying(small)(simulation, Deaths())
        assert result is not None and result.is_done
        return simulation

    return {
        "up": Scene(begin=fresh, command=deploying(small, rooms)),
        "update": Scene(begin=deployed, command=deploying(changed, rooms)),
        "teardown": Scene(begin=deployed, command=tearing_down(rooms)),
    }


def first_calls(passed: tuple[str, ...], start: str, *, every: int) -> list[int]:
    """Boundaries to die at: the first of each name that begins with `start`, and every few of all."""
    first = {name: at for at, name in reversed(list(enumerate(passed, start=1))) if name.startswith(start)}
    return sorted({*first.values(), *range(1, len(passed) + 1, every)})


def demand_done(simulation: Simulation, command: Command) -> None:
    """Run it to the end, well and without twins."""
    result = command(simulation, Deaths())
    assert result is not None
    assert result.failures == {}
    assert convergence.wrongs(simulation, ending_of(simulation)) == []


def expected_ending(inputs: Scene) -> Ending:
    """How it ends when nothing goes wrong."""
    return undisturbed(inputs)[0]


def undisturbed(inputs: Scene) -> tuple[Ending, tuple[str, ...]]:
    """How it ends when nothing goes wrong, and all boundaries that it passes then."""
    simulation, deaths = inputs.begin(), Deaths()
    result = inputs.command(simulation, deaths)
    assert result is not None and result.is_done, "the undisturbed run must go well"
    return ending_of(simulation), tuple(deaths.passed)
