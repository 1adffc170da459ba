"""Uploading by command: as the page on releases has it, and killed at any instant."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from director.edge.releases import packing
from director.edge.releases.tarball_members import file_entry
from director.edge.state.sql_releases import SqlReleases
from tests.support import homes, shell_blocks
from tests.support.command import ROOT, Compleat
from tests.support.release_on_disk import release_tarball

_KILLED_AT = """
import os, runpy, signal, sys
left = [int(sys.argv.pop(1))]
files = ("registrations.py", "sql_releases.py")
def seen(frame, event, argument):
    if event in ("call", "return") and frame.f_code.co_filename.endswith(files):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(seen)
runpy.run_module("director.cli.main", run_name="__main__")
"""


@pytest.fixture
def command(tmp_path: Path) -> Compleat:
    return Compleat(home=tmp_path / "home", environment="local")


def test_the_page_on_releases_shows_what_is_printed(command: Compleat) -> None:
    steps = shell_blocks.read_steps((ROOT / "docs/howto/releases.md").read_text())
    assert len(steps) == 5
    for step in steps:
        ran = command.run(*step.command.split()[1:])
        assert (ran.code, shell_blocks.missing_lines(step, ran.out)) == (0, ()), ran.out + ran.err


def _blobs(home: Path) -> set[str]:
    found = (home / "blobs/sha256").rglob("*")
    return {f"sha256:{path.parent.name}{path.name}" for path in found if path.is_file()}


def _named(home: Path) -> set[str]:
    database = homes.open_database(home)
    try:
        records = SqlReleases(database).list_releases()
    finally:
        database.close()
    return {digest for record in records for digest in (record.digest, record.outline)}


def _killed_at(command: Compleat, count: int, *words: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_AT, str(count), *words],
        env=command.env(),
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    return done.returncode


@pytest.mark.parametrize("first", [4])
def test_an_upload_or_deletion_killed_anywhere_leaves_nothing_that_the_next_does_not_remove(
    command: Compleat, tmp_path: Path, first: int
) -> None:
    """Killed at every eleventh call or return of what registers, from the first that counts."""
    tarball, other = tmp_path / "shop.tgz", tmp_path / "other.tgz"
    tarball.write_bytes(release_tarball())
    other.write_bytes(
        packing.packed_stream([file_entry("release.MF", b"name: a\nversion: '1'\n")], is_compressed=True).read()
    )
    command.run("upload-release", str(other)).ended()
    for words in (("upload-release", str(tarball)), ("delete-release", "shop", "-n")):
        count = first
        while _killed_at(command, count, *words) == -signal.SIGKILL:
            assert _named(command.home) <= _blobs(command.home), (words, count)
            command.run("upload-release", str(other), "--fix").ended()
            assert _named(command.home) == _blobs(command.home), (words, count)
            if words[0] == "delete-release":
                command.run("upload-release", str(tarball)).ended()
            count += 11
        assert count > first
