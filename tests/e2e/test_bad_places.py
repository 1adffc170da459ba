"""Machines and homes on which nothing can be done: refused whole, with what to do, and nothing is created."""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import ROOT, Compleat, Ran, without_times

_UNREPORTED = ("...", "Environment 'local' on local: ")
"""Signs of life, and the first line, which names this machine."""


@pytest.fixture
def alone() -> Iterator[Compleat]:
    """A home of the test's own in which nothing is ever made.

    Everybody may pass on the way there: pytest's own folders are its user's alone, and stay so.
    """
    with tempfile.TemporaryDirectory(prefix="compleat-") as folder:
        Path(folder).chmod(0o755)
        yield Compleat(home=Path(folder) / "home", environment="local")


@pytest.fixture
def user() -> Iterator[int]:
    """The number of an ordinary user made for the test; each process has one of its own name."""
    name = f"cplbad{os.getpid()}"
    subprocess.run(["useradd", "--no-create-home", name], check=True)
    try:
        yield int(subprocess.run(["id", "-u", name], check=True, capture_output=True, text=True).stdout)
    finally:
        subprocess.run(["userdel", name], check=True)


def test_a_home_that_is_a_file_is_refused(alone: Compleat) -> None:
    alone.home.write_text("")
    assert alone.run("deployments").ended(3).err == (
        f"home-not-a-folder: The state cannot be kept in {alone.home}: the path is a file, not a folder.\n"
        "  why: System error: File exists.\n"
        "  fix: Move that file away, or set COMPLEAT_HOME to a folder.\n"
    )


def test_state_of_a_later_version_is_refused_and_left_as_it_is(alone: Compleat) -> None:
    alone.run("deployments").ended(3)
    _set_schema(alone.home, "9999")
    before = (alone.home / "state.db").read_bytes()
    assert alone.run("up", "-n").ended(1).err == (
        f"state-version: The state in {alone.home}/state.db was written by a newer version of compleat.\n"
        f"  why: Its schema is 9999; this version knows {_newest_schema()}.\n"
        "  fix: Run the command with that newer version, or set COMPLEAT_HOME to another folder.\n"
    )
    assert (alone.home / "state.db").read_bytes() == before


def test_state_that_is_no_database_is_refused_and_left_as_it_is(alone: Compleat) -> None:
    alone.home.mkdir()
    (alone.home / "state.db").write_text("no database at all\n")
    assert alone.run("up", "-n").ended(1).err.splitlines()[:2] == [
        f"state-unreadable: The state in {alone.home}/state.db cannot be read or written.",
        "  why: SQLite error: file is not a database.",
    ]
    assert (alone.home / "state.db").read_text() == "no database at all\n"


@pytest.mark.parametrize("words", [("up", "-n"), ("tasks",), ("instances",), ("creds", "x")], ids=lambda each: each[0])
def test_a_user_who_may_not_write_the_home_is_told_so(alone: Compleat, user: int, words: tuple[str, ...]) -> None:
    alone.home.mkdir()
    ran = _restricted(alone, "user", str(user), *words).ended(3)
    assert ran.err == (
        f"home-denied: The state folder {alone.home} is not writable.\n"
        "  why: System error: Operation not permitted. Read-only commands need write access too, for the state's "
        "log.\n"
        "  fix: Make your user its owner (chown), or set COMPLEAT_HOME to a folder of yours.\n"
    )
    assert list(alone.home.iterdir()) == []


def test_a_state_that_belongs_to_another_user_is_said_to_be_no_damage(alone: Compleat, user: int) -> None:
    alone.run("deployments").ended(3)
    os.chown(alone.home, user, -1)
    before = (alone.home / "state.db").read_bytes()
    assert _restricted(alone, "user", str(user), "tasks").ended(1).err == (
        f"state-denied: Your user may not read and write the state in {alone.home}/state.db.\n"
        "  why: Its owner is root, mode 0600.\n"
        "  fix: Run the command as that user, or change the owner of the home: "
        f"`sudo chown -R $(id -u) {alone.home}`.\n"
    )
    assert (alone.home / "state.db").read_bytes() == before


@pytest.mark.parametrize("words", [("doctor",), ("up", "-n")], ids=lambda words: words[0])
def test_a_machine_without_namespaces_is_told_what_forbids_them(alone: Compleat, words: tuple[str, ...]) -> None:
    ran = _restricted(alone, "no-namespaces", *words).ended(3)
    assert ran.err == (
        "no-namespaces: This machine does not allow the namespaces of a local cloud.\n"
        "  why: Step 'namespaces' failed: Operation not permitted (errno 1). This looks like a container whose seccomp "
        "profile or capabilities forbid it.\n"
        "  fix: Run the container with --privileged, or with --security-opt seccomp=unconfined --security-opt "
        "systempaths=unconfined --security-opt apparmor=unconfined.\n"
    )
    assert not (alone.home / "environments").exists()


def test_findings_as_json_are_one_document(alone: Compleat) -> None:
    document = json.loads(_restricted(alone, "no-namespaces", "doctor", "--json").ended(3).out)
    assert [each["code"] for each in document["findings"]] == ["no-namespaces"]


def _set_schema(home: Path, version: str) -> None:
    with sqlite3.connect(home / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _restricted(compleat: Compleat, *words: str) -> Ran:
    """Run as tests.support.restricted says. Signs of life and the first line are left out."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.restricted", *words],
        cwd="/",
        env={**compleat.env(), "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    reported = "".join(
        line for line in without_times(done.stderr).splitlines(keepends=True) if not line.startswith(_UNREPORTED)
    )
    return Ran(words=words, code=done.returncode, out=done.stdout, err=reported, took_s=0.0)


def _newest_schema() -> str:
    versions = (ROOT / "director" / "edge" / "state" / "migrations" / "versions").glob("r*_*.py")
    return max(file.name[1:5] for file in versions)
