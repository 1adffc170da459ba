"""The director's view from the first call to the last, in every mode this user can have."""

import os
import shutil
from pathlib import Path

import pytest

from cpi.contract.values import OwnerQuery, VmCid, VmState
from tests.integration.local.conftest import MakeYard
from tests.integration.local.yard import Ran, Yard, run

pytestmark = pytest.mark.slow

MODES = ("R1", "R2", "R3") if os.geteuid() == 0 else ("U2",)


@pytest.mark.local
@pytest.mark.parametrize("mode", MODES)
def test_a_director_builds_a_cloud_and_takes_it_down(make_yard: MakeYard, mode: str) -> None:
    yard = make_yard(mode=mode)
    cloud = yard.connected.cloud

    yard.land("jumpbox")
    jumpbox = yard.jumpbox()
    private = yard.vm("private", "10.0.0.6")
    disk = yard.disk("one")
    hint = cloud.attach_disk(private.cid, disk)
    outer = yard.login()
    inner = yard.login_behind(outer, "10.0.0.6")

    assert run(outer, "hostname; id -u") == Ran(code=0, out="jumpbox\n0\n", err="")
    assert run(inner, f"echo kept > {hint}/file && hostname && cat {hint}/file").out == "private\nkept\n"
    assert [(vm.created.cid, vm.state) for vm in yard.vms()] == [
        (cid, VmState.RUNNING) for cid in sorted((jumpbox.cid, private.cid))
    ]

    for vm in yard.vms():
        cloud.delete_vm(vm.created.cid)
    cloud.delete_disk(disk)
    for resource in yard.landing.find_landing_resources("yard"):
        yard.landing.delete_landing_resource(resource.cid)
    assert yard.leftovers() == []
    assert list(yard.state_dir.iterdir()) == []
    assert yard.finder.find_vms(OwnerQuery(environment="yard")) == ()


@pytest.mark.local
def test_looking_and_deleting_what_is_absent_start_and_write_nothing(yard: Yard) -> None:
    absent = VmCid("vm-0000000000000000")

    yard.connected.cloud.delete_vm(absent)

    assert not yard.connected.cloud.has_vm(absent)
    assert yard.vms() == ()
    assert yard.landing.find_landing_resources("yard") == ()
    assert not yard.state_root.exists()
    assert not yard.state_dir.exists()


@pytest.mark.local
def test_two_clouds_with_one_range_run_side_by_side(make_yard: MakeYard) -> None:
    east, west = make_yard(at="east"), make_yard(at="west")
    for yard, name in ((east, "east"), (west, "west")):
        yard.land("jumpbox")
        yard.vm(name, "10.0.0.5", vip="203.0.113.1")

    assert [run(yard.login(), "hostname").out for yard in (east, west)] == ["east\n", "west\n"]


@pytest.mark.local
def test_one_environment_of_two_homes_is_two_clouds(make_yard: MakeYard) -> None:
    here, there = make_yard(home="here"), make_yard(home="there")
    here.land()
    there.state_dir.mkdir()

    assert there.landing.find_landing_resources("yard") == ()
    assert len(here.landing.find_landing_resources("yard")) == 1


@pytest.mark.local
def test_a_cloud_whose_home_was_deleted_is_found_by_its_environment(make_yard: MakeYard) -> None:
    lost, finder = make_yard(home="lost"), make_yard(home="new")
    lost.land("jumpbox")
    jumpbox = lost.jumpbox()
    shutil.rmtree(lost.state_dir)

    assert [vm.created for vm in finder.vms()] == [jumpbox]
    finder.down()
    assert finder.leftovers() == []


@pytest.mark.local
def test_a_path_longer_than_a_socket_address_is_no_obstacle(make_yard: MakeYard) -> None:
    yard = make_yard(at="/".join(["a-directory-with-a-long-name"] * 5))
    yard.land("jumpbox")
    yard.jumpbox()

    assert len(yard.state) > 108
    assert run(yard.login(), "hostname").out == "jumpbox\n"


@pytest.mark.local
def test_the_cloud_ends_only_with_its_last_disk(yard: Yard) -> None:
    yard.land()
    disk = yard.disk("kept")
    (network,) = yard.landing.find_landing_resources("yard")
    yard.landing.delete_landing_resource(network.cid)

    assert yard.connected.cloud.has_disk(disk)
    yard.connected.cloud.delete_disk(disk)
    assert yard.leftovers() == []


@pytest.mark.local
def test_when_the_cloud_is_gone_so_are_its_processes(yard: Yard) -> None:
    yard.land("jumpbox")
    yard.jumpbox()
    yard.login()
    processes = [yard.first(), yard.edge(), yard.keeper()]

    yard.down()

    assert [pid for pid in processes if _runs(pid)] == []


def _runs(pid: int) -> bool:
    """A zombie does not; this machine's first process collects them when it likes."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False
