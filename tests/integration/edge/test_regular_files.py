"""A pipe or a device in the place of a file ends a command with an error, and does not keep it waiting."""

import os
from pathlib import Path

import pytest

from director.edge.machine import regular_files
from tests.support.command import Compleat


def _pipe(path: Path) -> Path:
    os.mkfifo(path)
    return path


def test_files_are_read_and_others_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    assert regular_files.read_file(tmp_path / "file") == b"x"
    with pytest.raises(OSError, match="Not a regular file"):
        regular_files.read_file(_pipe(tmp_path / "pipe"))
    with pytest.raises(OSError, match="Not a regular file"):
        regular_files.read_file(Path("/dev/zero"))
    with pytest.raises(IsADirectoryError):
        regular_files.read_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        regular_files.read_file(tmp_path / "none")
    assert {os.readlink(f"/proc/self/fd/{each}") for each in _open_files()}.isdisjoint({str(tmp_path), "/dev/zero"})


def _open_files() -> list[str]:
    return [each for each in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{each}")]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("upload-release", "PIPE"), "release-missing"),
        (("bundle", "verify", "PIPE", "--key", "PIPE"), "bundle-key-unfit"),
        (("restore", "-n", "PIPE"), "backup-missing"),
    ],
)
def test_a_command_given_a_pipe_ends(tmp_path: Path, words: tuple[str, ...], code: str) -> None:
    pipe = str(_pipe(tmp_path / "pipe"))
    compleat = Compleat(home=tmp_path / "home", environment="local", is_warm=True)
    (error,) = compleat.run(*(pipe if each == "PIPE" else each for each in words), "--json").ended(3).json["errors"]
    assert (error["code"], "Not a regular file" in error["why"]) == (code, True), error
