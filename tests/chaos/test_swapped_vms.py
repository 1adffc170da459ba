"""create-swap-delete: the director dies at every boundary; the swap ends with the same disk, and nothing twice."""

from dataclasses import replace

from director.model.environments.desired import Desired
from tests.support import flow, wants
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT


def _swapping(size: str) -> Desired:
    plain = wants.small()
    swap = replace(wants.POLICY, is_swapping=True)
    groups = [replace(group, update=swap, cloud_properties={"instance_type": size}) for group in plain.groups]
    return replace(plain, groups=tuple(groups))


def test_vms_are_swapped_wherever_the_director_dies() -> None:
    at, problems, struck = 0, [], True
    while struck:
        at += 1
        simulation = Simulation()
        flow.deploying(_swapping("small"))(simulation, Deaths())
        before = simulation.process().store.load_deployment(ENVIRONMENT, DEPLOYMENT)
        deploy, deaths = flow.deploying(_swapping("medium")), Deaths(at)
        try:
            deploy(simulation, deaths)
        except Death:
            deploy(simulation, Deaths())
        struck = deaths.has_struck
        after = simulation.process().store.load_deployment(ENVIRONMENT, DEPLOYMENT)
        assert before is not None and after is not None
        sizes = [one.request.cloud_properties["instance_type"] for one in simulation.cloud.resources.vms.values()]
        disks = [{record.id: record.disk.cid for record in one.instances if record.disk} for one in (before, after)]
        is_left = bool(after.compilers) or deploy(simulation, Deaths()) is not None
        if sizes != ["medium"] * 3 or disks[0] != disks[1] or is_left:
            problems.append((at, deaths.passed[-1], sizes, disks, is_left))
    assert problems == []
    assert at > 100, "a sweep over a handful of boundaries proves nothing"
