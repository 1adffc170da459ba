"""What this machine lacks is no bug: a working folder that was deleted, files that end, descriptors."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import ROOT

_MANIFEST = ROOT / "manifests/examples/hello/hello.yml"


def test_a_command_without_files_works_in_a_folder_that_was_deleted(tmp_path: Path) -> None:
    done = _typed("tasks", tmp_path, before=_in_deleted(tmp_path))
    assert (done.returncode, done.stdout) == (0, "No tasks yet.\n"), done.stderr


@pytest.mark.parametrize("words", ["interpolate m.yml", "plan m.yml", "upload-release release"])
def test_a_relative_path_in_a_folder_that_was_deleted_is_refused(words: str, tmp_path: Path) -> None:
    done = _typed(words, tmp_path, before=_in_deleted(tmp_path))
    assert (done.returncode, done.stderr.splitlines()[0]) == (
        1,
        "working-folder-missing: The current folder does not exist any more.",
    )


@pytest.mark.parametrize(
    "words", ["/dev/zero", "-", f"{_MANIFEST} -l /dev/zero", f"{_MANIFEST} -o -", f"{_MANIFEST} --var-file a=/dev/zero"]
)
def test_a_document_without_an_end_is_refused(words: str, tmp_path: Path) -> None:
    done = _typed(f"interpolate {words}", tmp_path, before="ulimit -v 3000000; exec </dev/zero")
    assert (done.returncode, done.stderr.partition(":")[0]) == (3, "file-unreadable"), done.stderr


def test_a_limit_of_open_files_is_never_taken_for_damage(tmp_path: Path) -> None:
    for limit in range(5, 14):
        done = _typed("creds", tmp_path, before=f"ulimit -n {limit}")
        assert "damaged" not in done.stderr.partition("fix:")[0], done.stderr


def _in_deleted(folder: Path) -> str:
    return f"mkdir {folder}/gone; cd {folder}/gone; rmdir {folder}/gone"


def _typed(words: str, folder: Path, *, before: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        "PYTHON": sys.executable,
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "COMPLEAT_HOME": str(folder / "home"),
    }
    return subprocess.run(
        ["bash", "-c", f'{before}; exec "$PYTHON" -m director.cli.main {words}'],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env=environment,
    )
