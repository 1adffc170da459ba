"""What the sweeps kill: a first deploy, an update and a teardown.

Takes a simulation's settings, gives scenes.
"""

from collections.abc import Mapping

from tests.chaos.convergence import Ending, Scene, ending_of
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import REAL, Rooms, deploying, tearing_down
from tests.support.simulation import Simulation


def scenes(rooms: Rooms = REAL, *, has_finder: bool = True, tears: bool = False, seed: int = 7) -> Mapping[str, Scene]:
    """By name. What precedes the command that dies always goes well."""

    def fresh() -> Simulation:
        return Simulation(seed=seed, has_finder=has_finder, tears=tears)

    def deployed() -> Simulation:
        simulation = fresh()
        result = deploying(wants.small())(simulation, Deaths())
        assert result is not None and result.is_done
        return simulation

    return {
        "up": Scene(begin=fresh, command=deploying(wants.small(), rooms)),
        "update": Scene(begin=deployed, command=deploying(wants.small_changed(), rooms)),
        "teardown": Scene(begin=deployed, command=tearing_down(rooms)),
    }


def expected_ending(scene: Scene) -> Ending:
    """How it ends when nothing goes wrong."""
    simulation = scene.begin()
    result = scene.command(simulation, Deaths())
    assert result is not None and result.is_done, "the undisturbed run must go well"
    return ending_of(simulation)
