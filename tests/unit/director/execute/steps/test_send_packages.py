"""How packages come to VMs: through object storage, and by SSH where that does not work."""

from cpi.contract.errors import NotSupportedError
from tests.support import wants
from tests.support.deaths import Deaths
from tests.support.flow import deploying
from tests.support.refusing import Refusing
from tests.support.simulation import Simulation

DESIRED = wants.small()
PACKAGES = {package.name for package in DESIRED.packages}


CLOSED = NotSupportedError("storage-closed", "The storage takes no blobs.", why="Keys are forbidden.")
"""As where an account forbids keys."""


def test_each_package_goes_into_storage_once_and_vms_fetch_it() -> None:
    simulation = Simulation(has_storage=True)
    _deploy(simulation)
    put = [call.subject for call in simulation.cloud.gate.log if call.method == "put_blob"]
    assert sorted(put) == sorted(simulation.cloud.resources.blobs)
    assert len(put) == len(set(put)) == len(PACKAGES)
    assert _sent(simulation) == []
    assert {(event.kind, event.text) for event in simulation.watcher.events if event.text.startswith("fetching")} == {
        ("compile_package", "fetching runtime"),
        ("send_packages", "fetching runtime, server"),
        ("send_packages", "fetching server"),
    }


def test_a_storage_that_takes_nothing_is_told_and_packages_go_by_ssh() -> None:
    simulation = Simulation(has_storage=True, faults=Refusing("put_blob", CLOSED))
    _deploy(simulation)
    assert set(_reported(simulation, "compleat sends")) == {
        "compleat sends it to each instance by SSH: The storage takes no blobs. Keys are forbidden."
    }
    assert {line.removeprefix("sending ") for line in _sent(simulation)} == PACKAGES
    unfetched = {event.text for event in simulation.watcher.events if "not fetched" in event.text}
    assert unfetched == {f"{name} was not fetched from object storage (HTTP 404 Not Found)" for name in PACKAGES}


def test_without_storage_packages_go_by_ssh() -> None:
    simulation = Simulation()
    _deploy(simulation)
    assert {line.removeprefix("sending ") for line in _sent(simulation)} == PACKAGES


def _deploy(simulation: Simulation) -> None:
    result = deploying(DESIRED)(simulation, Deaths())
    assert result is not None and result.is_done


def _sent(simulation: Simulation) -> list[str]:
    return _reported(simulation, "sending")


def _reported(simulation: Simulation, start: str) -> list[str]:
    return [event.text for event in simulation.watcher.events if event.text.startswith(start)]
