"""Real block devices (loop devices): partitioned, formatted, mounted, grown and migrated. Needs root.

Mounts happen in a mount namespace of the guest's own; the loop devices are the machine's, and are released.
"""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.guest_process import GuestProcess, VerbError

_MIB = 1 << 20


def _lack() -> str:
    if os.getuid() != 0:
        return "loop devices and mounts need root"
    found = subprocess.run(["losetup", "--find"], capture_output=True, text=True, check=False)
    return "" if found.returncode == 0 else f"this machine gives no loop device: {found.stderr.strip()}"


_LACK = _lack()
pytestmark = [pytest.mark.skipif(bool(_LACK), reason=_LACK), pytest.mark.needs("fdisk", "e2fsprogs")]


@dataclass
class Disk:
    """A file behind a loop device."""

    file: Path
    device: str

    def make_larger(self, size_mib: int) -> None:
        os.truncate(self.file, size_mib * _MIB)
        _run("losetup", "--set-capacity", self.device)

    def give_back(self) -> None:
        subprocess.run(["partx", "--delete", self.device], capture_output=True, check=False)  # it may have none
        _run("losetup", "--detach", self.device)


class Disks:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.made: list[Disk] = []

    def make(self, size_mib: int, *, whole: bool = False) -> Disk:
        """One that shows partitions or, if `whole`, one that does not."""
        file = self._folder / f"disk-{len(self.made)}"
        file.touch()
        os.truncate(file, size_mib * _MIB)
        flags = [] if whole else ["--partscan"]
        disk = Disk(file, _run("losetup", "--find", "--show", *flags, str(file)))
        self.made.append(disk)
        return disk


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Disks]:
    disks = Disks(tmp_path)
    yield disks
    for disk in disks.made:
        disk.give_back()


@pytest.fixture
def guest(tmp_path: Path, disks: Disks) -> Iterator[GuestProcess]:
    """Depends on the disks so that it ends, and its mounts with it, before they are released."""
    running = GuestProcess(tmp_path, wrapper=("unshare", "--mount", "--propagation", "private")).start()
    yield running
    running.close()


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout.strip()


def _inside(guest: GuestProcess, *command: str) -> str:
    """What a command says in the guest's mount namespace."""
    return _run("nsenter", f"--mount=/proc/{guest.pid}/ns/mnt", "--", *command)


def _mounted(guest: GuestProcess, folder: str = "store") -> tuple[str, str]:
    """The device and the file system that are mounted on a folder."""
    for line in _inside(guest, "cat", "/proc/self/mounts").splitlines():
        device, place, kind = line.split()[:3]
        if place == str(guest.base / folder):
            return device, kind
    return "", ""


def _size_mib(guest: GuestProcess) -> float:
    """Of the file system on store, without what ext4 keeps for itself."""
    blocks, size = _inside(guest, "stat", "--file-system", "--format=%b %S", str(guest.base / "store")).split()
    return int(blocks) * int(size) / _MIB


def _put(guest: GuestProcess, name: str, folder: str = "store") -> None:
    guest.call("put_file", path=str(guest.base / folder / name), content_base64="aGk=")


def _read(guest: GuestProcess, name: str) -> str:
    return _inside(guest, "cat", str(guest.base / "store" / name))


def _reboot(guest: GuestProcess) -> None:
    """Its mount namespace goes with it, as the mounts of a VM do."""
    guest.hang_up()
    (guest.base / "bosh" / "boot.json").write_text('{"mark": "the boot before"}')
    guest.start()


def test_an_empty_disk_gets_one_partition_and_an_ext4_and_keeps_its_content(guest: GuestProcess, disks: Disks) -> None:
    disk = disks.make(64)
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    assert _mounted(guest) == (disk.device + "p1", "ext4")
    assert _run("blkid", "--probe", "-o", "value", "-s", "PTTYPE", disk.device) == "gpt"
    _put(guest, "data")
    _reboot(guest)
    assert (guest.call("list_disk"), _mounted(guest), _read(guest, "data")) == (
        ["d-1"],
        (disk.device + "p1", "ext4"),
        "hi",
    )
    guest.call("unmount_disk", cid="d-1")
    assert (guest.call("list_disk"), _mounted(guest)) == ([], ("", ""))
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    assert _read(guest, "data") == "hi"


@pytest.mark.parametrize("whole", [False, True], ids=["partition", "whole"])
def test_a_disk_that_was_made_larger_while_detached_is_filled(guest: GuestProcess, disks: Disks, whole: bool) -> None:
    disk = disks.make(64, whole=whole)
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    _put(guest, "data")
    guest.call("unmount_disk", cid="d-1")
    disk.make_larger(160)
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    assert (140 < _size_mib(guest) < 160, _read(guest, "data")) == (True, "hi")


@pytest.mark.parametrize("whole", [False, True], ids=["partition", "whole"])
def test_a_disk_that_was_made_larger_while_mounted_is_filled(guest: GuestProcess, disks: Disks, whole: bool) -> None:
    disk = disks.make(64, whole=whole)
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    _put(guest, "data")
    disk.make_larger(160)
    for _ in range(2):
        guest.call("mount_disk", cid="d-1", hint=disk.device)
        assert (140 < _size_mib(guest) < 160, _read(guest, "data")) == (True, "hi")


def test_a_disk_that_someone_formatted_whole_is_used_as_it_is(guest: GuestProcess, disks: Disks) -> None:
    disk = disks.make(64)
    _run("mkfs.ext4", "-q", disk.device, "32M")
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    assert (_mounted(guest), _size_mib(guest) > 50) == ((disk.device, "ext4"), True)


def test_a_partition_is_not_grown_into_another_one(guest: GuestProcess, disks: Disks) -> None:
    disk = disks.make(64)
    table = ["sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", "--label", "gpt", disk.device]
    subprocess.run(table, input=b",32M,L\n,,L\n", check=True)
    guest.call("mount_disk", cid="d-1", hint=disk.device)
    assert (_mounted(guest)[0], _size_mib(guest) < 32) == (disk.device + "p1", True)


def test_a_disk_that_holds_something_else_is_not_formatted(guest: GuestProcess, disks: Disks) -> None:
    disk = disks.make(64)
    _run("mkswap", disk.device)
    with pytest.raises(VerbError) as caught:
        guest.call("mount_disk", cid="d-1", hint=disk.device)
    assert (caught.value.code, "it contains 'swap'" in caught.value.what) == ("disk-not-formatted", True)
    assert (guest.call("list_disk"), _run("blkid", "-p", "-o", "value", "-s", "TYPE", disk.device)) == ([], "swap")


def test_content_moves_to_another_disk_with_owners_modes_links_and_attributes(
    guest: GuestProcess, disks: Disks
) -> None:
    old, new = disks.make(64), disks.make(96)
    guest.call("mount_disk", cid="d-1", hint=old.device)
    _put(guest, "deep/data")
    store = guest.base / "store"
    _inside(guest, "sh", "-c", f"cd {store} && ln -s deep/data link && ln deep/data twin && chmod 2750 deep")
    _inside(
        guest, "sh", "-c", f"cd {store} && chown 1234:4321 deep/data && chmod 4711 deep/data && truncate -s 8M hole"
    )
    _attribute(guest, store / "deep" / "data")
    before = _facts(guest)
    guest.call("mount_disk", cid="d-2", hint=new.device)
    assert _mounted(guest, "store_migration_target") == (new.device + "p1", "ext4")
    guest.call("migrate_disk", from_cid="d-1", to_cid="d-2")
    assert (_mounted(guest), guest.call("list_disk")) == ((new.device + "p1", "ext4"), ["d-2"])
    assert _facts(guest) == before
    assert "trusted.note" in before and "security.capability" in before and "posix_acl_access" in before
    _put(guest, "new")
    _reboot(guest)
    assert (guest.call("list_disk"), _read(guest, "new")) == (["d-2"], "hi")


# Linux's own forms: a capability set (cap_net_bind_service, revision 2), and an ACL that lets user 1234 read.
_CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
_ACL = bytes.fromhex("02000000 01000700ffffffff 02000400d2040000 04000100ffffffff 10000500ffffffff 20000100ffffffff")
_ATTRIBUTES = {
    "user.note": b"of a user",
    "trusted.note": b"of root",
    "security.capability": _CAPABILITY,
    "system.posix_acl_access": _ACL,
}


def _attribute(guest: GuestProcess, path: Path) -> None:
    code = f"import os; [os.setxattr({str(path)!r}, name, value) for name, value in {_ATTRIBUTES!r}.items()]"
    _inside(guest, "python3", "-c", code)


def _facts(guest: GuestProcess) -> str:
    """Everything below store: mode, owner, links, size, whether it has holes, attributes."""
    code = f"""
import os
for folder, folders, files in os.walk({str(guest.base / "store")!r}):
    folders[:] = sorted(set(folders) - {{"lost+found"}})
    for name in sorted(folders + files):
        path = os.path.join(folder, name)
        at = os.lstat(path)
        link = os.readlink(path) if os.path.islink(path) else ""
        names = sorted(os.listxattr(path, follow_symlinks=False))
        attributes = [(name, os.getxattr(path, name, follow_symlinks=False)) for name in names]
        size = 0 if os.path.isdir(path) else at.st_size
        is_whole = at.st_blocks * 512 >= size
        print(name, oct(at.st_mode), at.st_uid, at.st_gid, at.st_nlink, size, is_whole, link, attributes)
"""
    return _inside(guest, "python3", "-c", code)
