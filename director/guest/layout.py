"""Where everything lives on a VM: BOSH's directories under one base.

Takes a base directory, gives paths, and makes the directories. Source: cloudfoundry/bosh-agent settings/directories.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
from typing import Mapping, Tuple

DEFAULT_BASE = "/var/vcap"
_USER = "vcap"
_UID = 1000


class Layout:
    """`base` is /var/vcap; anything else is a test's, and then no user is made and nothing outside is touched."""

    def __init__(self, base: str) -> None:
        self.base = os.path.abspath(base)
        self.bosh = self.path("bosh")
        self.bin = self.path("bosh", "bin")
        self.data = self.path("data")
        self.blobs = self.path("data", "blobs")
        self.jobs = self.path("jobs")
        self.packages = self.path("packages")
        self.logs = self.path("data", "sys", "log")
        self.run = self.path("data", "sys", "run")
        self.store = self.path("store")
        self.migration_target = self.path("store_migration_target")
        self.monit = self.path("monit")
        self.monit_jobs = self.path("monit", "job")
        self.instance = self.path("instance")
        self.named_disks = self.path("instance", "disks")
        self.spec_file = self.path("bosh", "spec.json")
        self.disks_file = self.path("bosh", "managed_disk_settings.json")
        self.associations_file = self.path("bosh", "disk_associations.json")
        self.rotation_file = self.path("bosh", "etc", "log-rotation.json")

    def path(self, *parts: str) -> str:
        return os.path.join(self.base, *parts)

    def program_log(self, process: str) -> str:
        """Where the output of a process's start and stop programs goes."""
        return self.path("bosh", "log", process.replace("/", "_") + ".program.log")

    @property
    def is_default(self) -> bool:
        return self.base == DEFAULT_BASE

    def owner(self) -> Tuple[int, int]:
        """Who owns jobs and logs: root and the group vcap, root's own group where there is none."""
        try:
            return os.getuid(), grp.getgrnam(_USER).gr_gid
        except KeyError:
            return os.getuid(), os.getgid()


def layout_of(environment: Mapping[str, str]) -> Layout:
    return Layout(environment.get("COMPLEAT_GUEST_BASE") or DEFAULT_BASE)


def version_of(program: str) -> str:
    """The version in the program's file name, "unversioned" where it has none."""
    name = os.path.basename(program)
    is_named = name.startswith("compleat-guest-") and name.endswith(".pyz")
    return name[len("compleat-guest-") : -len(".pyz")] if is_named else "unversioned"


def create_layout(layout: Layout) -> None:
    """Make user, directories and the commands every script may call; twice is once."""
    if layout.is_default:
        _create_user()
    directories = (
        (layout.bosh, 0o755), (layout.bin, 0o755), (layout.path("bosh", "log"), 0o750),
        (layout.path("bosh", "etc"), 0o755),
        (layout.data, 0o755), (layout.blobs, 0o700), (layout.path("data", "jobs"), 0o750), (layout.logs, 0o770),
        (layout.path("data", "packages"), 0o755), (layout.path("data", "compile"), 0o755), (layout.run, 0o770),
        (layout.path("data", "tmp"), 0o770), (layout.jobs, 0o750), (layout.packages, 0o755),
        (layout.monit_jobs, 0o700), (layout.instance, 0o755), (layout.store, 0o755),
    )  # fmt: skip
    for path, mode in directories:
        create_directory(layout, path, mode=mode)
    os.chmod(layout.monit, 0o700)
    if not os.path.lexists(layout.path("sys")):
        os.symlink(layout.path("data", "sys"), layout.path("sys"))


def create_directory(layout: Layout, path: str, *, mode: int) -> None:
    """Make a directory of root:vcap with `mode`; one that is there keeps what it holds."""
    if os.path.isdir(path):
        return
    os.makedirs(path, exist_ok=True)
    os.chmod(path, mode)
    take_ownership(layout, path)


def take_ownership(layout: Layout, path: str) -> None:
    """Give `path` to root:vcap; an ordinary user (a test) keeps it."""
    if os.getuid() == 0:
        os.chown(path, *layout.owner(), follow_symlinks=False)


def _create_user() -> None:
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        if shutil.which("useradd") is not None:
            _add_user()


def _add_user() -> None:
    """An image may have given uid 1000 to its own user; then vcap takes what is free."""
    settings = ["-m", "-d", "/home/" + _USER, "-s", "/bin/bash", "-U"]
    for numbers in (["-u", str(_UID)], []):
        if subprocess.run(["useradd", *settings, *numbers, _USER], capture_output=True, check=False).returncode == 0:
            return
