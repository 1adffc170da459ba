"""A full disk, a lost home, a second environment: the local cloud keeps resources apart and loses none."""

import errno
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.chaos import local_kills
from tests.e2e import story as stories
from tests.e2e.story import Story
from tests.support import local_inventory
from tests.support.environments import local_compleat, write_local

_KIB = 1024


@contextmanager
def _environment(home: Path) -> Iterator[Story]:
    compleat = local_compleat(home, f"x{uuid.uuid4().hex[:8]}", is_warm=True)
    try:
        yield Story(compleat=compleat, release=stories.prepare(compleat, home))
    finally:
        compleat.run("down", "-n").ended()


@pytest.fixture
def home() -> Iterator[Path]:
    """A home that is removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="compleat-"))
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def small_home(home: Path) -> Iterator[Path]:
    """A home on a file system of 16 MiB."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "tiny", str(home)], check=True)
    yield home
    subprocess.run(["umount", str(home)], check=True)


def test_a_disk_that_fills_up_is_told_and_the_same_command_ends_well_once_there_is_room(small_home: Path) -> None:
    filler = small_home / "filler"
    with _environment(small_home) as story:
        failed = {}
        for left_kib in (0, 60, 120, 200):
            _fill(filler, left_kib)
            failed[left_kib] = story.try_deploy(web="1")
            filler.unlink()
        assert [ran.err for ran in failed.values() if "disk-full: " not in ran.err or "Traceback" in ran.err] == []
        # With 0 KiB there was no room even to open the state; the same cause ends with the same code.
        assert {left_kib: ran.code for left_kib, ran in failed.items()} == {0: 1, 60: 1, 120: 1, 200: 1}
        story.deploy(web="1")
        found = local_inventory.take(story.compleat)
        assert (len(found.vms_of("story")), len(found.disks)) == (2, 1)
        assert story.plan(web="1") == []


def test_without_its_home_down_finds_all_by_the_owner_key_and_a_neighbour_of_the_same_network_stays(
    home: Path,
) -> None:
    (home / "one").mkdir()
    (home / "two").mkdir()
    with _environment(home / "one") as lost, _environment(home / "two") as kept:
        lost.deploy(web="1")
        before = (local_inventory.take(kept.compleat), local_inventory.records(kept.compleat))
        state = local_inventory.cloud_dir(lost.compleat)
        shutil.rmtree(lost.compleat.home)
        write_local(lost.compleat.home, lost.compleat.environment)
        down = lost.compleat.run("down", "-n", "--json").ended().json
        asked = down["asked"]
        assert isinstance(asked, list)
        kinds = sorted(str(each["kind"]) for each in asked if isinstance(each, dict))
        assert kinds == ["disk", "landing resource", "landing resource", "stemcell", "vm", "vm", "vm"]
        assert (down["left"], state.exists(), local_kills.processes_of(state)) == ([], False, [])
        assert (local_inventory.take(kept.compleat), local_inventory.records(kept.compleat)) == before
        assert kept.compleat.run("ssh", "jumpbox", "-c", "echo here").ended().out == "here\n"


def test_a_dead_edge_is_started_again_and_a_dead_jumpbox_is_healed_while_the_vms_behind_it_stay(home: Path) -> None:
    with _environment(home) as story:
        story.deploy(web="1")
        before = story.cids()

        local_kills.kill_edge(story.compleat)
        assert story.plan(web="1") == []
        local_kills.kill_edge(story.compleat)
        assert story.shell("web/0", "echo here") == "here\n"

        local_kills.kill_jumpbox(story.compleat)
        refused = [story.try_deploy(web="1"), story.compleat.run(*story.words("plan", web="1"))]
        states = {str(row["state"]) for row in story.instances().values()}
        fixed = story.compleat.run(*story.words("deploy", web="1"), "--fix", "--verbose").ended()

        assert ["jumpbox-silent: The jumpbox does not answer.\n" in ran.ended(1).err for ran in refused] == [True, True]
        assert states == {"unresponsive agent (jumpbox-silent)"}
        assert "jumpbox/0: create vm" in fixed.err and "web/0: " not in fixed.err
        assert (story.cids(), story.shell("web/0", "echo here")) == (before, "here\n")

        local_kills.kill_jumpbox(story.compleat)
        story.compleat.run("up", "-n", "--bundle", str(stories.CASES / "bundle")).ended()
        assert (story.cids(), story.plan(web="1")) == (before, [])


def _fill(filler: Path, left_kib: int) -> None:
    """Leave that much room."""
    with filler.open("ab") as file:
        try:
            while True:
                file.write(b"\0" * 64 * _KIB)
                file.flush()
        except OSError as error:
            assert error.errno == errno.ENOSPC
    with filler.open("ab") as file:
        file.truncate(file.tell() - left_kib * _KIB)
