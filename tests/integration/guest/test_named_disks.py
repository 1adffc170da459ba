"""Named disks on a VM: the name leads to the device, and nothing of its content is touched."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guest_process import GuestProcess, VerbError


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[GuestProcess]:
    running = GuestProcess(tmp_path).start()
    yield running
    running.close()


@pytest.fixture
def disks(tmp_path: Path) -> tuple[Path, Path]:
    """What a cloud without block devices gives: directories."""
    both = tmp_path / "disk-1", tmp_path / "disk-2"
    for each in both:
        each.mkdir()
    return both


def _name(guest: GuestProcess, name: str) -> Path:
    return guest.base / "instance" / "disks" / name


def _associate(guest: GuestProcess, name: str, disk: Path, *, size_mib: int = 3, timeout_s: float = 0.5) -> None:
    hint = str(disk)
    arguments = {"name": name, "cid": disk.name, "hint": hint, "size_mib": size_mib, "timeout_s": timeout_s}
    assert guest.call("associate_disk", **arguments) == {}


def test_the_name_leads_to_a_device_of_the_disks_size_that_keeps_its_content(
    guest: GuestProcess, disks: tuple[Path, Path]
) -> None:
    _associate(guest, "fast", disks[0])
    _associate(guest, "slow log", disks[1])
    assert [_name(guest, name).stat().st_size for name in ("fast", "slow log")] == [3 << 20, 3 << 20]
    with _name(guest, "fast").open("r+b") as device:
        device.write(b"raw")
    _associate(guest, "fast", disks[0], size_mib=1)
    assert _name(guest, "fast").read_bytes() == b"raw".ljust(3 << 20, b"\0"), "nothing is cut off"
    assert guest.call("dissociate_disk", cid="disk-1") == {}
    assert guest.call("dissociate_disk", cid="disk-1") == {}
    assert sorted(path.name for path in _name(guest, "").iterdir()) == ["slow log"]
    _associate(guest, "quick", disks[0])
    assert _name(guest, "quick").read_bytes()[:4] == b"raw\0"
    assert guest.call("list_disk") == [], "they are not mounted"


def test_another_disk_of_the_name_takes_it_over(guest: GuestProcess, disks: tuple[Path, Path]) -> None:
    _associate(guest, "fast", disks[0])
    _associate(guest, "fast", disks[1])
    assert _name(guest, "fast").resolve() == disks[1] / "device"
    guest.call("dissociate_disk", cid="disk-1")
    assert _name(guest, "fast").exists(), "the name is no longer the first disk's"


def test_after_a_boot_the_names_lead_to_where_the_disks_are_then(
    guest: GuestProcess, disks: tuple[Path, Path], tmp_path: Path
) -> None:
    moving = tmp_path / "hint"
    moving.symlink_to(disks[0])
    _associate(guest, "fast", disks[1])
    assert guest.call("associate_disk", name="moving", cid="m", hint=str(moving), size_mib=1) == {}
    guest.hang_up()
    _name(guest, "moving").unlink()
    _name(guest, "moving").symlink_to("/dev/another-disk-by-now")
    (guest.base / "bosh" / "boot.json").write_text('{"mark": "the boot before"}')
    guest.start()
    assert _name(guest, "moving").resolve() == disks[0] / "device"
    assert _name(guest, "fast").resolve() == disks[1] / "device"


@pytest.mark.parametrize("name", ["", "..", "a/b", "/etc/passwd"])
def test_a_name_that_leads_elsewhere_is_refused(guest: GuestProcess, disks: tuple[Path, Path], name: str) -> None:
    with pytest.raises(VerbError) as caught:
        _associate(guest, name, disks[0])
    assert (caught.value.code, os.listdir(disks[0])) == ("unsafe-name", [])


def test_a_device_that_does_not_appear_is_reported_and_has_no_name(guest: GuestProcess) -> None:
    with pytest.raises(VerbError) as caught:
        _associate(guest, "fast", Path("/dev/no-such-disk"))
    assert (caught.value.code, _name(guest, "fast").exists()) == ("disk-not-found", False)
