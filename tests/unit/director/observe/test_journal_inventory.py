"""What the journal says of a cloud that cannot find, held against what the cloud has."""

from dataclasses import replace

from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.observed import CloudInventory
from director.model.ids import DeploymentName
from director.observe import journal_inventory
from tests.support import flow
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.simulation import Simulation
from tests.support.wants import ENVIRONMENT, small


def _compare(simulation: Simulation) -> None:
    there, recorded = simulation.cloud.inventory(), _recorded(simulation)
    assert {vm.created.cid: vm.owner for vm in recorded.vms} == {vm.created.cid: vm.owner for vm in there.vms}
    assert {disk.cid: disk.owner for disk in recorded.disks} == {disk.cid: disk.owner for disk in there.disks}


def _recorded(simulation: Simulation) -> CloudInventory:
    return journal_inventory.recorded_inventory(simulation.process(), ENVIRONMENT, ONLY_CLOUD)


def test_the_journal_names_all_that_was_made_and_nothing_that_is_gone() -> None:
    simulation = Simulation(has_finder=False)
    assert isinstance(_recorded(simulation).vms, tuple)
    flow.deploying(small())(simulation, Deaths())
    assert len(_recorded(simulation).vms) == 3
    _compare(simulation)
    flow.tearing_down()(simulation, Deaths())
    _compare(simulation)
    assert (_recorded(simulation).vms, _recorded(simulation).disks) == ((), ())


def test_a_vm_that_the_cloud_lost_is_not_named() -> None:
    simulation = Simulation(has_finder=False)
    flow.deploying(small())(simulation, Deaths())
    simulation.cloud.vanish_vm(simulation.cloud.inventory().vms[0].created.cid)
    _compare(simulation)


def test_what_was_answered_before_a_death_is_on_record() -> None:
    simulation = Simulation(has_finder=False)
    counting = Deaths()
    flow.deploying(small())(Simulation(has_finder=False), counting)
    dying_at = max(at for at, name in enumerate(counting.passed, start=1) if name == "journal: after append of done")
    try:
        flow.deploying(small())(simulation, Deaths(at=dying_at))
    except Death:
        _compare(simulation)
    else:
        raise AssertionError("it should have died")


def test_runs_of_an_earlier_life_of_the_environment_are_not_read() -> None:
    simulation = Simulation(has_finder=False)
    flow.deploying(small())(simulation, Deaths())
    world = simulation.process()
    (run,) = world.journal.list_runs(ENVIRONMENT)
    with world.store.hold_lease(ENVIRONMENT, DeploymentName(""), caller=calling("up")) as lease:
        world.store.save_environment(lease, replace(simulation.environment, former_runs=run.number))
    assert (_recorded(simulation).vms, _recorded(simulation).disks) == ((), ())
