"""How long an agent is waited for when the cloud no longer answers whether its VM runs."""

from cpi.contract.errors import CloudError, DeniedError, TransientError
from director.model.tasks.entries import Failure
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.refusing import Refusing
from tests.support.simulation import Simulation

DENIED = DeniedError("login-expired", "The login has expired.", why="It was for an hour.", fix="Sign in again.")


def test_a_login_that_expired_is_told_in_seconds_instead_of_waiting_for_agents() -> None:
    seconds, failures = _deploy_with_silent_vms(DENIED)
    assert {(failure.code, failure.why, failure.fix) for failure in failures} == {
        ("login-expired", "It was for an hour.", "Sign in again.")
    }
    assert seconds < 120


def test_a_cloud_that_is_only_busy_changes_nothing_about_the_patience() -> None:
    seconds, failures = _deploy_with_silent_vms(TransientError("busy", "The cloud is busy."))
    assert {failure.code for failure in failures} == {"vm-not-booted"}
    assert all("The cloud does not report the state of VM" in failure.why for failure in failures)
    assert seconds > 600


def _deploy_with_silent_vms(error: CloudError) -> tuple[float, tuple[Failure, ...]]:
    simulation = Simulation()
    began_at = simulation.time.now()
    simulation.agents.conditions.boot_s = (10_000.0, 10_000.0)
    simulation.faults = Refusing("find_vms", error, since="create_vm")
    result = deploying(wants.small())(simulation, Deaths())
    assert result is not None
    return simulation.time.now() - began_at, tuple(result.failures.values())
