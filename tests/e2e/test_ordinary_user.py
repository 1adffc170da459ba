"""The whole of it as an ordinary user of one id: up, every login tried, down; nothing of that user is left."""

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command import ROOT

_UID = 64127
_ENVIRONMENT = "mine"
_PLACES = ("/tmp", "/var/tmp", "/var/lib/compleat", "/run", "/dev/shm")

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root can make a user; every other end-to-end test is an ordinary user's then"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account of the test's own. `state` is our state, below its home."""

    name: str
    home: Path

    @property
    def state(self) -> Path:
        return self.home / ".compleat"

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """`compleat` as this user, who reaches checkout and interpreter, in an environment as after a login."""
        return subprocess.run(
            [sys.executable, "-m", "tests.support.restricted", "user", str(_UID), *words],
            cwd=ROOT,
            env={
                "HOME": str(self.home),
                "USER": self.name,
                "PATH": "/usr/local/bin:/usr/bin:/bin",
                "PYTHONPATH": str(ROOT),
                "PYTHONDONTWRITEBYTECODE": "1",
                **{name: value for name, value in os.environ.items() if name.startswith("PIP_")},
            },
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture
def user(kept_home: Path) -> Iterator[User]:
    """The account, with what earlier tests have downloaded and compiled; removed whatever happens."""
    home = Path(tempfile.mkdtemp(prefix="compleat-user-"))
    name = f"cpl{os.getpid()}"
    subprocess.run(
        [
            "useradd",
            "-K",
            "UID_MAX=65000",
            "-K",
            "GID_MAX=65000",
            "-U",
            "-u",
            str(_UID),
            "-M",
            "-d",
            str(home),
            "-s",
            "/bin/sh",
            name,
        ],
        check=True,
    )
    try:
        own = User(name=name, home=home)
        if (kept_home / "blobs").exists():
            shutil.copytree(kept_home / "blobs", own.state / "blobs")
        _write_environment(own.state / "environments")
        subprocess.run(["chown", "-R", f"{name}:{name}", str(home)], check=True)
        yield own
        own.run("down", "-n", "-e", _ENVIRONMENT)
    finally:
        subprocess.run(["userdel", name], check=True)
        shutil.rmtree(home)


def test_up_logins_and_down_as_an_ordinary_user(user: User) -> None:
    assert pwd.getpwuid(_UID).pw_dir == str(user.home)

    up = user.run("up", "-e", _ENVIRONMENT, "--json")

    assert up.returncode == 0, up.stderr[-4000:]
    report = json.loads(up.stdout)
    assert (report["problems"], report["environment"], report["admin_user"]) == ({}, _ENVIRONMENT, "admin")
    assert report["console"].startswith("https://127.")
    assert report["ca_file"] == str(user.state / "environments" / _ENVIRONMENT / "console-ca.pem")
    assert _modes(user) == {"U2"}
    assert _processes() != []

    ssh = user.run("ssh", "-e", _ENVIRONMENT, "jumpbox", "-c", "grep admin manifests/platform.yml")
    assert ssh.stdout == f"admin_user: admin\nadmin_password: {report['admin_password']}\n", ssh.stderr

    down = user.run("down", "-n", "-e", _ENVIRONMENT, "--json")
    assert down.returncode == 0, down.stderr[-4000:]
    assert json.loads(down.stdout)["left"] == []
    assert {"processes": _processes(), "mounts": _mounts(user), "files": _files_outside(user)} == {
        "processes": [],
        "mounts": [],
        "files": [],
    }
    assert not (user.home / ".compleat-clouds").exists()


def _write_environment(folder: Path) -> None:
    """The environment that ships with us, but for the namespaces: one id, as where no subordinate ids are."""
    folder.mkdir(parents=True)
    shipped = (ROOT / "manifests/environments/local.yml").read_text()
    mine = shipped.replace("name: local", f"name: {_ENVIRONMENT}").replace("../cloud-configs", "cloud-configs")
    (folder / f"{_ENVIRONMENT}.yml").write_text(mine + "properties: {mode: U2}\n")
    shutil.copytree(ROOT / "manifests/cloud-configs", folder / "cloud-configs")


def _modes(user: User) -> set[str]:
    return {json.loads(path.read_text())["mode"] for path in (user.home / ".compleat-clouds").glob("*/cloud.json")}


def _processes() -> list[str]:
    """What runs as the user: state and command line. What has ended and waits for init to look is nothing any more."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            state = (path / "stat").read_text().rpartition(") ")[2][0]
            if path.stat().st_uid == _UID and state != "Z":
                found.append(f"{state} {(path / 'cmdline').read_text()}".replace("\0", " "))
        except OSError:
            continue  # it ended meanwhile
    return found


def _mounts(user: User) -> list[str]:
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(user.home) in line]


def _files_outside(user: User) -> list[str]:
    """What the user owns where everybody may write, but for the home."""
    found = []
    for place in _PLACES:
        for folder, folders, files in os.walk(place):
            folders[:] = [name for name in folders if Path(folder, name) != user.home]
            found += [path for name in (*folders, *files) if _is_the_users(path := os.path.join(folder, name))]
    return found


def _is_the_users(path: str) -> bool:
    try:
        return os.lstat(path).st_uid == _UID
    except OSError:
        return False  # another's, gone meanwhile
