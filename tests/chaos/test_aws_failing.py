"""What AWS takes on and then fails at, or never finishes: told with AWS's reason; nothing is left, or there twice."""

import pytest

from tests.chaos import convergence
from tests.chaos.test_aws import SMALL, _left
from tests.support.aws.simulation import AwsSimulation
from tests.support.deaths import Deaths
from tests.support.flow import deploying, tearing_down

_FOR_EVER = 10**6
_AT_ONCE_S = 300.0
"""Machines boot meanwhile, in simulated time."""


def _reported(simulation: AwsSimulation) -> dict[str, str]:
    """The code of a failure, and its whole text."""
    result = deploying(SMALL)(simulation, Deaths())
    assert result is not None
    return {failure.code: f"{failure.why} {failure.output}" for failure in result.failures.values()}


def _ends_with_nothing_left(simulation: AwsSimulation) -> None:
    assert convergence.wrongs(simulation, convergence.ending_of(simulation)) == []
    result = tearing_down()(simulation, Deaths())
    assert result is not None and result.failures == {}
    assert _left(simulation) == []


@pytest.mark.parametrize("dying", [1, 3])
def test_instances_that_end_at_birth_are_told_with_awss_reason_and_the_next_deploy_heals(dying: int) -> None:
    simulation = AwsSimulation(seed=17)
    simulation.emulator.front.dying = dying
    reported = _reported(simulation)
    assert simulation.emulator.front.dying == 0
    assert reported.keys() <= {"vm-port-closed", "unknown-vm"}, "waited for, or given a disk"
    assert [why for why in reported.values() if "Client.VolumeLimitExceeded: Volume limit exceeded" not in why] == []
    assert reported
    assert _reported(simulation) == {}
    _ends_with_nothing_left(simulation)


def test_a_volume_in_error_is_told_and_goes_with_the_deployment() -> None:
    simulation = AwsSimulation(seed=19)
    simulation.emulator.front.broken_volumes = 1
    began = simulation.time.now()
    assert list(_reported(simulation)) == ["disk-in-error"]
    assert simulation.time.now() - began < _AT_ONCE_S
    _ends_with_nothing_left(simulation)


def test_an_instance_that_stays_pending_is_waited_for_and_then_told() -> None:
    simulation = AwsSimulation(seed=23)
    simulation.emulator.front.pending_reads = _FOR_EVER
    reported = _reported(simulation)
    assert list(reported) == ["not-ready-yet"]
    assert "is not 'running'" in reported["not-ready-yet"]
    simulation.emulator.front.pending_reads = 0
    simulation.emulator.front.let_run()
    assert _reported(simulation) == {}
    _ends_with_nothing_left(simulation)
