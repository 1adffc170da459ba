"""The stemcells of an environment, as its clouds have them."""

from pathlib import Path

from director.app.use_cases import stemcells
from tests.support.simulation import Simulation
from tests.support.stored_plans import Lab


def test_a_stemcell_is_listed_with_the_deployments_that_have_vms_of_it(tmp_path: Path) -> None:
    lab = Lab(Simulation(), tmp_path)
    (before,) = stemcells.list_stemcells(lab.session()).rows
    assert (before["os"], before["version"], before["used_by"]) == ("memory-linux", "1.0", ["jumpbox"])
    lab.deploy()
    (after,) = stemcells.list_stemcells(lab.session()).rows
    assert (after["cid"], after["used_by"]) == (before["cid"], ["app", "jumpbox"])
