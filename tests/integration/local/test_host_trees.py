"""Root of a VM against the machine's own trees, in each mode: the interpreter's, /usr, the device files."""

import base64
import json
import os
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpi.clouds.local.host import host_probe, state_directory
from cpi.clouds.local.host import state_root as places
from cpi.clouds.local.inside.records import records
from cpi.clouds.local.inside.system.modes import Mode
from tests.integration.local.conftest import open_yards
from tests.integration.local.yard import Yard, run

pytestmark = [pytest.mark.slow, pytest.mark.local]
_BREAKOUT = Path(__file__).with_name("breakout.py")
_MODES = ("R1", "R2", "R3") if os.geteuid() == 0 else ("U1", "U2")


@pytest.fixture(scope="module", params=_MODES)
def mode_yard(request: pytest.FixtureRequest) -> Iterator[Yard]:
    """A jumpbox in one mode of this machine, whose Python may be /usr's own: a tree of its user's is planted beside."""
    mode = Mode(request.param)
    if not host_probe.run_probe((mode,)).works(mode):
        pytest.skip(f"this machine cannot run mode {mode.value}")
    with open_yards() as make:
        yard = make(mode=mode.value)
        _add_own_tree(yard)
        yard.land("jumpbox")
        yard.jumpbox()
        yield yard


def _add_own_tree(yard: Yard) -> None:
    """As of an interpreter outside /usr that the cloud's user may write; before its namespaces are created."""
    tree = yard.place / "own-interpreter"
    tree.mkdir()
    place = places.find_place(yard.environment, str(yard.state_dir), root=str(yard.state_root))
    with state_directory.opened(place):
        state_directory.prepare(place, Mode(yard.mode))
    path = records.cloud_path(place.state)
    cloud, owner = records.load_cloud(place.state), os.stat(path)
    assert cloud is not None
    records.save(path, {**cloud, "python": [*cloud["python"], str(tree)]})
    os.chown(path, owner.st_uid, owner.st_gid)


def _trees(yard: Yard) -> list[str]:
    cloud = records.load_cloud(yard.state)
    assert cloud is not None
    trees = [*cloud["python"], "/usr"]
    return trees if not Mode(yard.mode).has_writable_usr() else trees[:-1]


def _break_out(yard: Yard, trees: list[str]) -> list[tuple[str, str, str]]:
    program = base64.b64encode(_BREAKOUT.read_bytes()).decode()
    command = f"import base64; exec(base64.b64decode('{program}'))"
    reported = run(yard.login(), f"python3 -c {shlex.quote(command)} {' '.join(map(shlex.quote, trees))}")
    assert reported.code == 0, reported.err
    return [(way, tree, became) for way, tree, became in json.loads(reported.out)]


def test_no_way_of_a_vms_root_makes_a_tree_of_the_machine_writable(mode_yard: Yard) -> None:
    trees = _trees(mode_yard)
    assert run(mode_yard.login(), f"test -d {shlex.quote(trees[0])}").code == 0
    assert str(mode_yard.place / "own-interpreter") in trees

    became = _break_out(mode_yard, trees)

    assert [way for way in became if way[2] == "write"] == []
    assert [str(path) for tree in trees for path in Path(tree).glob("escaped-*")] == []
    if Mode(mode_yard.mode).has_userns():
        assert became == []


def test_a_write_below_usr_stays_in_the_vm(mode_yard: Yard) -> None:
    _break_out(mode_yard, ["/usr"])

    assert list(Path("/usr").glob("escaped-*")) == []


def test_the_machines_device_files_keep_their_owners(mode_yard: Yard) -> None:
    """/dev/full: a change of it would not be noticed on this machine before it is restored."""
    before = os.stat("/dev/full")

    run(mode_yard.login(), "chown 7 /dev/full")

    after = os.stat("/dev/full")
    if os.geteuid() == 0:
        os.chown("/dev/full", before.st_uid, before.st_gid)
    assert after.st_uid == before.st_uid


def test_a_vm_can_still_mount_and_unmount_what_is_its_own(mode_yard: Yard) -> None:
    command = (
        "mkdir -p /mnt/a && mount -t tmpfs none /mnt/a && mount --bind /mnt/a /srv && umount /srv /mnt/a && echo done"
    )

    assert run(mode_yard.login(), command).out == "done\n"
