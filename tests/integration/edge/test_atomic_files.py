"""Files that are there whole or not at all."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from director.edge.machine import atomic_files
from director.errors import StateError

KILLED_AT = """
import os, pathlib, signal, sys
from director.edge.machine import atomic_files
at, target = int(sys.argv[1]), pathlib.Path(sys.argv[2])
seen = 0
def dies(event, arguments):
    global seen
    if event in {"open", "os.link", "os.rename", "os.remove", "fcntl.flock", "os.mkdir", "os.listdir"}:
        seen += 1
        if seen == at:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(dies)
getattr(atomic_files, sys.argv[3])(target, b"k" * 32)
"""


def test_of_many_who_create_one_wins_and_all_find_its_content(tmp_path: Path) -> None:
    target = tmp_path / "new" / "key"
    assert [atomic_files.create_file(target, content) for content in (b"first", b"second")] == [True, False]
    assert target.read_bytes() == b"first"
    assert [entry.name for entry in target.parent.iterdir()] == ["key"]


def test_a_replaced_file_keeps_a_link_to_it(tmp_path: Path) -> None:
    (tmp_path / "store.yml").write_text("old")
    (tmp_path / "link.yml").symlink_to("store.yml")
    atomic_files.replace_file(tmp_path / "link.yml", b"new")
    assert ((tmp_path / "store.yml").read_text(), (tmp_path / "link.yml").is_symlink()) == ("new", True)


def test_every_folder_on_the_way_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        atomic_files.replace_file(tmp_path / "a" / "b" / "file", b"x")
        with atomic_files.open_lock(tmp_path / "c" / "d" / "lock"):
            pass
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"a": 0o700, "b": 0o700, "file": 0o600, "c": 0o700, "d": 0o700, "lock": 0o600}


def test_what_killed_writers_left_beside_a_file_goes_with_the_next_write(tmp_path: Path) -> None:
    left, other = tmp_path / ".key.abc.partial", tmp_path / ".keys.abc.partial"
    for path in (left, other):
        path.write_bytes(b"half")
        os.utime(path, (time.time() - 120, time.time() - 120))
    atomic_files.replace_file(tmp_path / "key", b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".keys.abc.partial", "key"]


def test_what_is_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "leases").write_text("a file")
    with pytest.raises(StateError) as caught, atomic_files.open_lock(tmp_path / "leases" / "x.lock"):
        raise AssertionError("there is no such folder")
    assert (caught.value.code, str(tmp_path / "leases") in caught.value.what) == ("storage-denied", True)


@pytest.mark.parametrize("verb", ["create_file", "replace_file"])
def test_a_writer_killed_at_any_call_leaves_a_whole_file_or_none(tmp_path: Path, verb: str) -> None:
    ends = [_killed_at(at, tmp_path / str(at) / "key", verb) for at in range(1, 12)]
    assert {content for _, content in ends} <= {None, b"k" * 32}
    assert [is_killed for is_killed, _ in ends if not is_killed], "the last ones come to their end"
    assert any(is_killed and content is None for is_killed, content in ends)
    assert any(is_killed and content for is_killed, content in ends)


def _killed_at(at: int, target: Path, verb: str) -> tuple[bool, bytes | None]:
    command = [sys.executable, "-c", KILLED_AT, str(at), str(target), verb]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode in (0, -9), done.stderr
    return done.returncode != 0, target.read_bytes() if target.exists() else None
