"""`adopt` on stand-ins of real clouds: their tags hold enough to rebuild a lost state, and the next plan is empty."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from cpi.contract.values import OwnerQuery
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import Desired, DiskSpec
from tests.chaos.scenes import demand_done
from tests.chaos.test_adopt import lose_state
from tests.support import wants
from tests.support.aws.simulation import AwsSimulation, in_aws_words
from tests.support.azure.simulation import AzureSimulation, in_azure_words
from tests.support.deaths import Deaths
from tests.support.flow import adopting, deploying
from tests.support.openstack.simulation import OpenStackSimulation, in_openstack_words
from tests.support.simulation import Simulation

pytestmark = pytest.mark.slow

_ODD = DiskSpec(size_mib=1500)
"""These clouds have disks of whole GiB."""

CLOUDS: Mapping[str, Callable[[], tuple[Simulation, Desired]]] = {
    "aws": lambda: (AwsSimulation(seed=7), in_aws_words(wants.small())),
    "azure": lambda: (AzureSimulation(seed=7), in_azure_words(wants.small())),
    "openstack": lambda: (OpenStackSimulation(seed=7), in_openstack_words(wants.small())),
}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_lost_state_is_rebuilt_from_the_tags_of_the_cloud(cloud: str) -> None:
    simulation, desired = CLOUDS[cloud]()
    demand_done(simulation, deploying(desired))
    before = _found(simulation)
    lose_state(simulation)
    result = adopting(desired)(simulation, Deaths())
    assert result is not None
    assert result.failures == {}
    assert deploying(desired)(simulation, Deaths()) is None, "the next plan is empty"
    assert _found(simulation) == before


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_disk_whose_size_the_cloud_rounded_up_is_recorded_as_the_manifest_has_it(cloud: str) -> None:
    simulation, desired = CLOUDS[cloud]()
    odd = replace(desired, groups=tuple(replace(group, disk=group.disk and _ODD) for group in desired.groups))
    demand_done(simulation, deploying(odd))
    lose_state(simulation)
    assert adopting(odd)(simulation, Deaths()) is not None
    assert deploying(odd)(simulation, Deaths()) is None, "the next plan is empty"


def _found(simulation: Simulation) -> tuple[frozenset[str], frozenset[str]]:
    finder = simulation.process().clouds[ONLY_CLOUD].finder
    assert finder is not None
    query = OwnerQuery(environment=wants.ENVIRONMENT)
    vms = frozenset(str(vm.created.cid) for vm in finder.find_vms(query))
    return vms, frozenset(str(disk.cid) for disk in finder.find_disks(query))
