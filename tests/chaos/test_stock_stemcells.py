"""A deployment on a stock image: the director dies at every boundary, and its stemcell is made once all the same."""

from dataclasses import dataclass, field, replace

import pytest

from cpi.contract.cloud import ConnectedCloud
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import Desired, StockThere
from director.model.environments.environment import stemcells_there
from tests.support import flow
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.slow_cloud import Operations, slow
from tests.support.wants import DEPLOYMENT, ENVIRONMENT, small
from tests.support.worlds import PlainWorld


@dataclass(slots=True, kw_only=True)
class AskingCloud(Simulation):
    """Its director asks the cloud for stemcells when a command starts, as `deploy` does."""

    def process(self, deaths: Deaths | None = None) -> PlainWorld:
        there = stemcells_there(ONLY_CLOUD, self.cloud.inventory().stemcells)
        self.environment = replace(self.environment, stemcells=there)
        return Simulation.process(self, deaths)


def _desired(simulation: Simulation) -> Desired:
    stock = simulation.connect(Deaths()).stock
    assert stock is not None
    there = StockThere(asked="ubuntu-jammy", image=stock.stock_image("ubuntu-jammy"))
    plain = small()
    return replace(
        plain,
        groups=tuple(replace(group, stemcell=there.offer()) for group in plain.groups),
        packages=tuple(replace(package, stemcell=there.offer()) for package in plain.packages),
        stock=(there,),
    )


def _stemcells(simulation: Simulation) -> list[tuple[str, str]]:
    return sorted((one.os, one.version) for one in simulation.cloud.inventory().stemcells)


@dataclass(slots=True, kw_only=True)
class SlowAskingCloud(AskingCloud):
    """The same, whose cloud takes its time for the stemcell."""

    operations: Operations = field(default_factory=Operations)

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        return slow(Simulation.connect(self, deaths), self.operations, deaths)


@pytest.mark.parametrize(("kind", "step"), [(AskingCloud, 1), (SlowAskingCloud, 7)])
def test_the_stemcell_is_made_once_wherever_the_director_dies(kind: type[AskingCloud], step: int) -> None:
    at, problems, struck = 0, [], True
    while struck:
        at += step
        simulation = kind()
        deploy, deaths = flow.deploying(_desired(simulation)), Deaths(at)
        try:
            deploy(simulation, deaths)
        except Death:
            deploy(simulation, Deaths())
        struck = deaths.has_struck
        state = simulation.process().store.load_deployment(ENVIRONMENT, DEPLOYMENT)
        assert state is not None
        made = {one.cid for one in simulation.cloud.inventory().stemcells if one.os == "ubuntu"}
        used = {record.vm.stemcell_cid for record in state.instances if record.vm}
        if _stemcells(simulation) != [("memory-linux", "1.0"), ("ubuntu", "22.04")] or used != made:
            problems.append((at, deaths.passed[-1], _stemcells(simulation), used))
    assert problems == []
    assert at > 100, "a sweep over a handful of boundaries proves nothing"
    looks = [one for one in deaths.passed if one.startswith("cloud: after look create_stemcell")]
    assert bool(looks) == (kind is SlowAskingCloud)


def test_a_second_deploy_changes_nothing() -> None:
    simulation = AskingCloud()
    deploy = flow.deploying(_desired(simulation))
    assert deploy(simulation, Deaths()) is not None
    assert deploy(simulation, Deaths()) is None
