"""The stemcells of an environment as its clouds list them, and the stock images that a manifest needs."""

from dataclasses import replace
from pathlib import Path

from cpi.contract.values import ENVIRONMENT_ITSELF, OwnerKey, StemcellRequest
from director.app.sessions import stock_images
from director.model.environments.desired import StockRefusal, StockThere
from director.model.written.manifest import Manifest
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT, small


def _make_jammy(simulation: Simulation, *, action: str) -> None:
    owner = OwnerKey(environment=ENVIRONMENT, deployment=ENVIRONMENT_ITSELF, action=action)
    simulation.cloud.create_stemcell(
        StemcellRequest(owner=owner, os="ubuntu", version="22.04", cloud_properties={"image": "ubuntu-22.04"})
    )


def test_the_default_stemcell_is_first_whatever_was_made_before_it(tmp_path: Path) -> None:
    simulation = Simulation()
    default = tuple(simulation.cloud.resources.stemcells.items())
    simulation.cloud.resources.stemcells.clear()
    _make_jammy(simulation, action="r1/create_stemcell/jammy")
    simulation.cloud.resources.stemcells.update(default)
    session = session_of(simulation, tmp_path)
    found = stock_images.stemcells_on(session, "only", ENVIRONMENT)
    assert [one.os for one in found] == ["memory-linux", "ubuntu"]


def test_a_stemcell_that_a_deployment_made_is_asked_of_the_cloud_and_not_made_again(tmp_path: Path) -> None:
    simulation = Simulation()
    session, environment = session_of(simulation, tmp_path), simulation.environment
    stock = session.world.clouds["only"].stock
    assert stock is not None
    wanted = replace(small(), stock=(StockThere(asked="ubuntu-jammy", image=stock.stock_image("ubuntu-jammy")),))
    assert stock_images.with_known_stemcells(session, environment, wanted) == environment
    _make_jammy(simulation, action="r1/create_stemcell/jammy")
    known = stock_images.with_known_stemcells(session, environment, wanted)
    assert [one.os for one in known.stemcells] == ["memory-linux", "ubuntu"]
    assert stock_images.with_known_stemcells(session, known, wanted) == known


def test_each_system_of_the_manifest_is_asked_once_and_refusals_are_answers(tmp_path: Path) -> None:
    session = session_of(Simulation(), tmp_path)
    uses = [
        {"alias": "a", "os": "ubuntu-jammy", "version": "latest"},
        {"alias": "b", "name": "bosh-aws-xen-hvm-ubuntu-jammy-go_agent", "version": "1.1"},
        {"alias": "c", "os": "ubuntu-trusty", "version": "latest"},
        {"alias": "d", "os": "linux", "version": "latest"},
    ]
    update = {"canaries": 1, "max_in_flight": 1, "canary_watch_time": 1, "update_watch_time": 1}
    written = {"name": "app", "stemcells": uses, "releases": [], "update": update, "instance_groups": []}
    answers = stock_images.ask_clouds(session, Manifest.model_validate(written))
    assert [(type(one), one.asked) for one in answers] == [
        (StockThere, "ubuntu-jammy"),
        (StockRefusal, "ubuntu-trusty"),
    ]
