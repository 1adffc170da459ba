"""The watch schedule, and the report of jobs that do not run."""

import pytest

from director.execute.steps.await_running import watch_pauses_s
from director.model.agents.agent_state import Process
from director.model.environments.desired import WatchTime
from director.model.tasks.entries import Failure
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.simulation import Simulation


def test_the_first_look_is_after_the_least_time_and_later_ones_grow_apart() -> None:
    pauses = watch_pauses_s(WatchTime(min_ms=500, max_ms=3000))
    assert pauses[:11] == (0.5, *[0.1] * 10)
    assert list(pauses[10:-1]) == sorted(pauses[10:-1])
    assert pauses[12] > 0.1


def test_one_time_is_one_look() -> None:
    assert watch_pauses_s(WatchTime(min_ms=3000, max_ms=3000)) == (3.0,)


@pytest.mark.parametrize(("least", "most"), [(0, 1000), (1000, 60000), (30000, 600000), (100, 1300000)])
def test_all_looks_together_last_as_long_as_the_most(least: int, most: int) -> None:
    assert sum(watch_pauses_s(WatchTime(min_ms=least, max_ms=most))) == pytest.approx(most / 1000, abs=0.01)


def test_the_last_lines_of_what_fails_stand_in_the_error() -> None:
    _, failure = _deploy_broken(Process(name="web", state="failing", problem="its process ended"))
    assert failure == Failure(
        code="jobs-not-running",
        what="'web/0' is not running after update.",
        why="Its jobs are failing: web (failing: its process ended).",
        fix="Review the logs of the failed jobs: compleat logs -d app web/0.",
        output="web: web.stderr.log\n  config key missing",
    )


def test_what_can_never_run_is_not_waited_for() -> None:
    hopeless = "its start program is not executable: /x: No such file or directory"
    patient, _ = _deploy_broken(Process(name="web", state="failing", problem="its process ended"))
    looks, failure = _deploy_broken(Process(name="web", state="failing", problem=hopeless, is_hopeless=True))
    assert hopeless in failure.why
    assert (looks, patient > 5) == (1, True)


def _deploy_broken(process: Process) -> tuple[int, Failure]:
    """How often its state was looked at, and the failure."""
    simulation = Simulation()
    simulation.agents.conditions.broken = {"web/0": (process,)}
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None
    (failure,) = (each for each in result.failures.values() if each.code == "jobs-not-running")
    (machine,) = (each for each in simulation.agents.disk.machines.values() if each.broken)
    return machine.verbs.count("get_state"), failure
