"""Archives: the same content gives the same bytes, and nothing that an archive says gets outside."""

from __future__ import annotations  # tests/interpreters.py runs this on Python 3.8 too

import io
import os
import tarfile
from pathlib import Path

import pytest

from director.guest.failures import GuestError
from director.guest.packages.archives import EPOCH, pack_directory, unpack_archive


def _entry(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname, entry.mode = kind, link, mode
    return entry


def _archive(folder: Path, *entries: tarfile.TarInfo) -> str:
    path = folder / "a.tgz"
    with tarfile.open(path, "w:gz") as archive:
        for entry in entries:
            content = b"hello" if entry.type == tarfile.REGTYPE else b""
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return str(path)


def _tree(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        kind = f"-> {os.readlink(path)}" if path.is_symlink() else oct(path.stat().st_mode)
        found[str(path.relative_to(folder))] = kind
    return found


def test_packing_gives_the_same_bytes_whatever_the_dates_and_the_order(tmp_path: Path) -> None:
    packed = []
    for names, date in ((("b", "a"), 1), (("a", "b"), 2_000_000_000)):
        folder = tmp_path / str(date)
        (folder / "sub").mkdir(parents=True)
        for name in names:
            (folder / "sub" / name).write_text(name)
            os.utime(folder / "sub" / name, (date, date))
        stream = io.BytesIO()
        pack_directory(str(folder), stream)
        packed.append(stream.getvalue())
    assert packed[0] == packed[1]


def test_a_packed_tree_unpacks_to_itself_without_a_leading_folder(tmp_path: Path) -> None:
    source = tmp_path / "source"
    (source / "bin").mkdir(parents=True)
    (source / "bin" / "run").write_text("#!/bin/sh")
    (source / "bin" / "run").chmod(0o755)
    (source / "link").symlink_to("/var/vcap/packages/other")
    os.link(source / "bin" / "run", source / "same")
    with (tmp_path / "a.tgz").open("wb") as stream:
        pack_directory(str(source), stream)
    unpack_archive(str(tmp_path / "a.tgz"), str(tmp_path / "out"))
    assert _tree(tmp_path / "out") == {
        "bin": "0o40755",
        "bin/run": "0o100755",
        "link": "-> /var/vcap/packages/other",
        "same": "0o100755",
    }
    assert (tmp_path / "out" / "bin" / "run").stat().st_mtime == EPOCH


def test_setuid_bits_are_not_taken_over(tmp_path: Path) -> None:
    unpack_archive(_archive(tmp_path, _entry("a", mode=0o6755)), str(tmp_path / "out"))
    assert _tree(tmp_path / "out") == {"a": "0o100755"}


@pytest.mark.parametrize(
    ("entries", "why"),
    [
        ([_entry("../a")], "it points outside the archive"),
        ([_entry("a/../../b")], "it points outside the archive"),
        ([_entry("/etc/a")], "it points outside the archive"),
        ([_entry("a", kind=tarfile.SYMTYPE, link="/etc"), _entry("a/b")], "a folder above it is a symbolic link"),
        ([_entry("a", kind=tarfile.LNKTYPE, link="../../etc/passwd")], "it points outside the archive"),
        (
            [_entry("a", kind=tarfile.SYMTYPE, link="/etc/passwd"), _entry("b", kind=tarfile.LNKTYPE, link="a")],
            "it is a hard link to a symbolic link",
        ),
        ([_entry("a", kind=tarfile.CHRTYPE)], "it is a device or a pipe"),
        ([_entry("a", kind=tarfile.FIFOTYPE)], "it is a device or a pipe"),
    ],
)
def test_an_entry_that_leads_outside_is_refused(tmp_path: Path, entries: list[tarfile.TarInfo], why: str) -> None:
    with pytest.raises(GuestError) as caught:
        unpack_archive(_archive(tmp_path, *entries), str(tmp_path / "deep" / "out"))
    assert (caught.value.code, caught.value.why) == ("archive-escapes", why)
    assert not (tmp_path / "deep" / "b").exists()


def test_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    whole = Path(_archive(tmp_path, *[_entry(f"file-{number}") for number in range(100)])).read_bytes()
    (tmp_path / "torn.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(GuestError) as caught:
        unpack_archive(str(tmp_path / "torn.tgz"), str(tmp_path / "out"))
    assert caught.value.code == "archive-broken"


def test_what_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(b"<html>")
    with pytest.raises(GuestError) as caught:
        unpack_archive(str(tmp_path / "a.tgz"), str(tmp_path / "out"))
    assert caught.value.code == "archive-broken"


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("n" * 256, "a file's name has at most 255 bytes"),
        ("a/" * 3000 + "b", "it is nested deeper than 200 folders"),
        ("/".join(["d" * 200] * 20), "it is nested deeper than 200 folders"),
    ],
)
def test_a_name_that_no_file_can_have_is_refused_in_words(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(GuestError) as caught:
        unpack_archive(_archive(tmp_path, _entry(name)), str(tmp_path / "out"))
    assert (caught.value.code, caught.value.why) == ("archive-escapes", why)
    assert len(caught.value.what) < 200


def test_a_link_to_a_name_that_cannot_be_is_refused(tmp_path: Path) -> None:
    entry = _entry("link", kind=tarfile.SYMTYPE)
    entry.pax_headers = {"linkpath": "a\0b"}
    with pytest.raises(GuestError):
        unpack_archive(_archive(tmp_path, entry), str(tmp_path / "out"))
