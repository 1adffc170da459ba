"""Disks mounted, migrated and unmounted for real, in a mount namespace of this test's own (needs root)."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guest_process import GuestProcess, VerbError, until

pytestmark = [pytest.mark.slow, pytest.mark.skipif(os.getuid() != 0, reason="mounting needs root")]


@pytest.fixture
def disks(tmp_path: Path) -> tuple[Path, Path]:
    small, big = tmp_path / "disk-small", tmp_path / "disk-big"
    small.mkdir()
    big.mkdir()
    return small, big


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[GuestProcess]:
    running = GuestProcess(tmp_path, wrapper=("unshare", "--mount", "--propagation", "private")).start()
    yield running
    running.close()


def test_a_directory_disk_is_mounted_on_store_and_twice_is_once(guest: GuestProcess, disks: tuple[Path, Path]) -> None:
    assert guest.call("mount_disk", cid="d-1", hint=str(disks[0])) == {}
    assert guest.call("mount_disk", cid="d-1", hint=str(disks[0])) == {}
    guest.call("put_file", path=str(guest.base / "store" / "data"), content_base64="aGk=")
    assert (guest.call("list_disk"), guest.call("get_state")["disks"]) == (["d-1"], ["d-1"])
    assert (disks[0] / "data").read_text() == "hi"
    assert "persistent" in guest.call("get_state", full=True)["vitals"]["disk"]


def test_an_unmounted_disk_keeps_its_content(guest: GuestProcess, disks: tuple[Path, Path]) -> None:
    guest.call("mount_disk", cid="d-1", hint=str(disks[0]))
    guest.call("put_file", path=str(guest.base / "store" / "data"), content_base64="aGk=")
    assert guest.call("unmount_disk", cid="d-1") == {"message": "Unmounted disk d-1"}
    assert guest.call("unmount_disk", cid="d-1") == {"message": "Disk d-1 is not mounted"}
    assert (guest.call("list_disk"), (disks[0] / "data").read_text()) == ([], "hi")


def test_a_second_disk_takes_over_the_content_of_the_first(guest: GuestProcess, disks: tuple[Path, Path]) -> None:
    (disks[0] / "deep").mkdir()
    (disks[0] / "deep" / "data").write_text("hi")
    (disks[0] / "deep" / "data").chmod(0o640)
    os.chown(disks[0] / "deep" / "data", 1234, 4321)
    (disks[0] / "link").symlink_to("deep/data")
    guest.call("mount_disk", cid="d-1", hint=str(disks[0]))
    guest.call("mount_disk", cid="d-2", hint=str(disks[1]))
    assert guest.call("migrate_disk", from_cid="d-1", to_cid="d-2") == {}
    assert guest.call("migrate_disk", from_cid="d-1", to_cid="d-2") == {}
    assert guest.call("list_disk") == ["d-2"]
    facts = (disks[1] / "deep" / "data").stat()
    assert (facts.st_uid, facts.st_gid, oct(facts.st_mode)) == (1234, 4321, "0o100640")
    assert (os.readlink(disks[1] / "link"), (disks[1] / "link").read_text()) == ("deep/data", "hi")
    guest.call("put_file", path=str(guest.base / "store" / "new"), content_base64="aGk=")
    assert ((disks[1] / "new").exists(), (disks[0] / "new").exists()) == (True, False)


def test_a_disk_in_use_is_not_unmounted_and_its_user_is_named(guest: GuestProcess, disks: tuple[Path, Path]) -> None:
    guest.call("mount_disk", cid="d-1", hint=str(disks[0]))
    enter = ["nsenter", f"--mount=/proc/{guest.pid}/ns/mnt", sys.executable, "-c"]
    code = f"import time; f = open('{guest.base}/store/busy', 'w'); time.sleep(600)"
    holder = subprocess.Popen([*enter, code])
    until(lambda: (disks[0] / "busy").exists())
    with pytest.raises(VerbError) as caught:
        guest.call("unmount_disk", cid="d-1", timeout_s=0.5)
    holder.kill()
    holder.wait()
    assert (caught.value.code, f"({holder.pid})" in caught.value.why) == ("disk-busy", True)
    assert guest.call("unmount_disk", cid="d-1") == {"message": "Unmounted disk d-1"}


def test_the_disk_is_mounted_again_after_a_boot(guest: GuestProcess, disks: tuple[Path, Path]) -> None:
    guest.call("mount_disk", cid="d-1", hint=str(disks[0]))
    guest.hang_up()  # its mount namespace goes with it, as the mounts of a VM do
    (guest.base / "bosh" / "boot.json").write_text('{"mark": "the boot before"}')
    guest.start()
    assert guest.call("list_disk") == ["d-1"]


def test_disks_that_are_not_in_place_are_not_migrated(guest: GuestProcess) -> None:
    with pytest.raises(VerbError) as caught:
        guest.call("migrate_disk", from_cid="d-1", to_cid="d-2")
    assert caught.value.code == "disks-not-in-place"


def test_a_hint_that_leads_nowhere_is_told(guest: GuestProcess) -> None:
    with pytest.raises(VerbError) as caught:
        guest.call("mount_disk", cid="d-1", hint="/dev/no-such-disk", timeout_s=0.5)
    assert (caught.value.code, caught.value.why) == ("disk-not-found", "waited 0.5 s for it")
