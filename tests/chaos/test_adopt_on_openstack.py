"""A deploy that was cut off on OpenStack, and its state lost: what there is is adopted, ports of servers that never
came are no obstacle, and the next deploy completes it without twins."""

import contextlib
from dataclasses import replace

import pytest

from tests.chaos.scenes import demand_done
from tests.chaos.test_adopt import lose_state
from tests.support import wants
from tests.support.deaths import Death, Deaths
from tests.support.flow import adopting, deploying
from tests.support.openstack.simulation import OpenStackSimulation, in_openstack_words

pytestmark = pytest.mark.slow

SMALL = in_openstack_words(wants.small())
MORE = replace(SMALL, groups=tuple(replace(one, instances=2 * one.instances) for one in SMALL.groups))


@pytest.mark.parametrize("at", [1, *range(10, 24), *range(24, 80, 9)])
def test_a_deploy_cut_off_with_its_state_lost_is_adopted_and_completed(at: int) -> None:
    simulation = OpenStackSimulation(seed=3)
    demand_done(simulation, deploying(SMALL))
    with contextlib.suppress(Death):
        deploying(MORE)(simulation, Deaths(at))
    lose_state(simulation)
    adopting(MORE)(simulation, Deaths())
    deploying(MORE)(simulation, Deaths())
    assert deploying(MORE)(simulation, Deaths()) is None, "the next plan is empty"
    inventory = simulation.cloud.inventory()
    assert sorted(vm.tags["instance_group"] for vm in inventory.vms) == ["db", "db", "web", "web", "web", "web"]
    ports = [port for port in simulation.place.table("ports").values() if not port["device_id"]]
    assert (len(inventory.disks), ports) == (2, [])
