"""`down`: found resources are deleted, missing ones are named, and no other command runs meanwhile."""

from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.connect import connect_cloud
from cpi.clouds.memory.rules import Rules
from cpi.contract.values import DiskCid, VmCid
from director.app.landing import landing_zones
from director.app.sessions.session import Session
from director.app.use_cases import down
from director.app.use_cases.down import DownRequest
from director.errors import InputError, LockedError
from director.model.cloud_names import ONLY_CLOUD
from director.model.costs import DeletionList
from director.model.ids import DeploymentName
from director.model.report import DownReport, RequestedDeletion
from tests.support import flow, worlds
from tests.support.callers import calling
from tests.support.deaths import Death, Deaths
from tests.support.sessions import LANDING, session_of
from tests.support.simulation import Simulation
from tests.support.wants import DEPLOYMENT, ENVIRONMENT, small, small_changed

DOWN = DownRequest(caller=calling("down"))
FORGETTING = replace(DOWN, is_forgetting=True)


@pytest.fixture
def simulation() -> Simulation:
    return Simulation()


@pytest.fixture
def session(simulation: Simulation, tmp_path: Path) -> Session:
    """A landed environment with a deployment of three VMs and their disks."""
    made = session_of(simulation, tmp_path, file=LANDING)
    landing_zones.create_environment(made, caller=calling("up"))
    flow.deploying(small())(simulation, Deaths())
    return made


def test_what_was_recorded_is_found_deleted_and_forgotten(session: Session, simulation: Simulation) -> None:
    report = _down(session)
    assert (report.left, report.missing, report.is_forgotten) == ((), (), True)
    assert not any(_held(simulation.cloud))
    assert session.world.store.list_environments() == ()


def test_each_listing_of_the_cloud_is_on_the_receipt_and_the_last_one_is_empty(
    session: Session, simulation: Simulation
) -> None:
    before = session.world.clock.now()
    held = simulation.cloud.inventory()
    first, last = _down(session).listings
    assert held.vms
    assert held.disks
    assert (first.cloud, first.counts["vm"], first.counts["disk"]) == (ONLY_CLOUD, len(held.vms), len(held.disks))
    assert (last.cloud, last.counts) == (ONLY_CLOUD, {})
    assert before <= first.at <= last.at <= session.world.clock.now()


def test_a_vm_and_a_disk_that_were_lost_are_named_and_all_records_kept(
    session: Session, simulation: Simulation
) -> None:
    vm, disk = _lose(simulation)
    report = _down(session)
    assert sorted(each.name.partition(" ")[0] for each in report.missing) == sorted((disk, vm))
    assert {each.kind for each in report.missing} == {"vm", "disk"}
    assert (report.left, report.is_forgotten) == ((), False)
    assert not any(_held(simulation.cloud))
    assert session.world.store.load_deployment(ENVIRONMENT, DEPLOYMENT) is not None


def test_the_same_again_names_only_what_was_lost_until_it_is_told_to_forget(
    session: Session, simulation: Simulation
) -> None:
    _lose(simulation)
    first = _down(session)
    assert replace(_down(session), asked=first.asked, listings=first.listings) == first
    last = _down(session, FORGETTING)
    assert (last.missing, last.is_forgotten) == (first.missing, True)
    assert session.world.store.list_environments() == ()


def test_another_region_is_refused_untouched_and_down_in_the_right_one_finds_all(
    session: Session, simulation: Simulation
) -> None:
    held, elsewhere = _held(simulation.cloud), _elsewhere(session)
    with pytest.raises(InputError) as raised:
        _down(elsewhere)
    assert (raised.value.code, _held(simulation.cloud)) == ("environment-moved", held)
    assert _down(session).is_forgotten
    assert not any(_held(simulation.cloud))


def test_an_environment_on_another_cloud_is_forgotten_without_asking_any(
    session: Session, simulation: Simulation
) -> None:
    held, elsewhere = _held(simulation.cloud), _elsewhere(session)
    report = _down(elsewhere, FORGETTING)
    assert (report.is_elsewhere, report.asked, report.is_forgotten) == (True, (), True)
    assert RequestedDeletion(kind="landing resource", name="public_address jumpbox") in report.missing
    assert _held(simulation.cloud) == held
    assert session.world.store.list_environments() == ()


def test_an_environment_that_never_was_is_refused_and_one_that_was_removed_is_well(
    simulation: Simulation, tmp_path: Path
) -> None:
    new = session_of(simulation, tmp_path, file=LANDING)
    simulation.cloud.resources.stemcells.clear()
    with pytest.raises(InputError) as raised:
        _down(new)
    assert raised.value.code == "environment-missing"
    landing_zones.create_environment(new, caller=calling("up"))
    assert _down(new).asked != ()
    again = _down(new)
    assert again == DownReport(environment=ENVIRONMENT, clouds=again.clouds, listings=again.listings)
    assert [(one.cloud, one.counts) for one in again.listings] == [(ONLY_CLOUD, {})]


def test_what_lost_records_know_nothing_of_is_found_by_the_owner_key(
    session: Session, simulation: Simulation, tmp_path: Path
) -> None:
    simulation.store.environments.clear()
    simulation.store.deployments.clear()
    assert _down(session).is_forgotten
    assert not any(_held(simulation.cloud))


def test_nobody_else_works_on_the_environment_meanwhile(session: Session) -> None:
    store = session.world.store
    tried: list[str] = []

    def confirm(_listed: DeletionList) -> None:
        for name in (DEPLOYMENT, DeploymentName("new")):
            with pytest.raises(LockedError) as raised, store.hold_lease(ENVIRONMENT, name, caller=calling("deploy")):
                pass
            tried.append(raised.value.code)

    down.take_down(session, DOWN, confirm)
    assert tried == ["environment-locked", "environment-locked"]


def test_a_deployment_at_work_is_not_taken_down_under_its_deploy(session: Session, simulation: Simulation) -> None:
    held = _held(simulation.cloud)
    with session.world.store.hold_lease(ENVIRONMENT, DEPLOYMENT, caller=calling("deploy web.yml")):
        with pytest.raises(LockedError) as raised:
            _down(session)
        assert "deploy web.yml" in raised.value.why
    assert _held(simulation.cloud) == held


def test_wherever_it_dies_the_same_command_ends_it_and_misses_nothing(tmp_path: Path) -> None:
    counting = Deaths()
    _story(tmp_path / "counted", counting)
    for at in range(1, len(counting.passed) + 1, 3):
        home = tmp_path / str(at)
        simulation, died = _story(home, Deaths(at=at))
        if not died:
            continue
        again = _down(session_of(simulation, home, file=LANDING))
        assert (again.missing, again.left, again.is_forgotten) == ((), (), True), counting.passed[at - 1]
        assert not any(_held(simulation.cloud))


def test_a_disk_that_a_deployment_let_go_is_nobodys_record_and_is_deleted(
    session: Session, simulation: Simulation
) -> None:
    flow.deploying(small_changed())(simulation, Deaths())
    report = _down(session)
    assert (report.missing, report.is_forgotten) == ((), True)
    assert not any(_held(simulation.cloud))


def test_a_disk_that_was_let_go_and_lost_is_named_until_it_is_forgotten(
    session: Session, simulation: Simulation
) -> None:
    flow.deploying(small_changed())(simulation, Deaths())
    orphan = next(disk.cid for disk in simulation.cloud.inventory().disks if "orphaned_by" in disk.tags)
    simulation.cloud.resources.disks.pop(orphan)
    report = _down(session)
    assert [(each.kind, each.name.partition(" ")[0]) for each in report.missing] == [("disk", orphan)]
    assert ("orphaned by" in report.missing[0].name, report.is_forgotten) == (True, False)
    assert _down(session, FORGETTING).is_forgotten
    landing_zones.create_environment(session, caller=calling("up"))
    assert (_down(session).missing, _down(session).left) == ((), ())


def _story(home: Path, deaths: Deaths) -> tuple[Simulation, bool]:
    """An environment and a deployment, and a `down` that dies."""
    simulation = Simulation()
    landing_zones.create_environment(session_of(simulation, home, file=LANDING), caller=calling("up"))
    flow.deploying(small())(simulation, Deaths())
    try:
        _down(session_of(simulation, home, world=simulation.process(deaths), file=LANDING))
    except Death:
        return simulation, True
    return simulation, False


def _down(session: Session, request: DownRequest = DOWN) -> DownReport:
    return down.take_down(session, request, _agreed)


def _agreed(_listed: DeletionList) -> None:
    """Whatever it is."""


def _elsewhere(session: Session) -> Session:
    cloud = connect_cloud(MemoryCloud(Rules(region="memory-2")))
    return replace(session, world=worlds.with_clouds(session.world, {ONLY_CLOUD: cloud}))


def _lose(simulation: Simulation) -> tuple[VmCid, DiskCid]:
    """A VM and its disk that the cloud loses without a word."""
    vm = next(vm for vm in simulation.cloud.inventory().vms if vm.disk_cids)
    simulation.cloud.vanish_vm(vm.created.cid)
    simulation.cloud.resources.disks.pop(vm.disk_cids[0])
    return vm.created.cid, vm.disk_cids[0]


def _held(cloud: MemoryCloud) -> tuple[object, ...]:
    held = cloud.inventory()
    return held.vms, held.disks, held.stemcells, held.snapshots, held.landing
