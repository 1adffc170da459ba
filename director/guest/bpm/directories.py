"""Directories and log files that a process finds, made at every start.

Takes a process, makes what it needs. Source: cloudfoundry/bpm-release src/bpm/runc/adapter/adapter.go.
"""

from __future__ import annotations

import os
import stat
from typing import Tuple

from director.guest.bpm.configs import BpmProcess
from director.guest.bpm.containers import BpmContainer
from director.guest.failures import GuestError
from director.guest.layout import Layout
from director.guest.system import users


def vcap_of(layout: Layout) -> Tuple[int, int]:
    """Numbers of user and group vcap; in a test that has no such user, our own."""
    try:
        return users.look_up("vcap", "")[:2]
    except GuestError:
        if layout.is_default:
            raise
        return os.getuid(), os.getgid()


def create_directories(container: BpmContainer, process: BpmProcess) -> None:
    """Make all of them. Raises bpm-no-persistent-disk."""
    layout, job = container.layout, container.job
    os.makedirs(os.path.dirname(container.pidfile), mode=0o700, exist_ok=True)
    _give(layout, container.logs, is_kept=True)
    for path in (os.path.join(layout.run, job), layout.path("data", job, "tmp")):
        _give(layout, path, is_kept=True)
    if process.has_ephemeral_disk:
        _give(layout, layout.path("data", job), is_kept=True)
    if process.has_persistent_disk:
        if not os.path.isdir(layout.store):
            raise GuestError("bpm-no-persistent-disk", "requested persistent disk does not exist")
        _give(layout, layout.path("store", job), is_kept=True)
    for volume in process.volumes:
        if not volume.is_mount_only and not volume.is_free:
            _give(layout, volume.path, is_kept=False)


def open_log(container: BpmContainer, kind: str) -> int:
    """The log of one stream, open for appending: a regular file of vcap. Raises bpm-log-unusable."""
    path = container.log_file(kind)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise GuestError("bpm-log-unusable", "open %s: %s" % (path, error.strerror)) from error
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        raise GuestError("bpm-log-unusable", "%s is not a file" % path)
    os.fchmod(handle, 0o600)
    if os.getuid() == 0:
        os.fchown(handle, *vcap_of(container.layout))
    return handle


def _give(layout: Layout, path: str, *, is_kept: bool) -> None:
    """Have a directory of vcap. One that is there keeps its mode if it is `is_kept`; a file is only given."""
    if not os.path.exists(path):
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o700)
    elif os.path.isdir(path) and not is_kept:
        os.chmod(path, 0o700)
    if os.getuid() == 0:
        os.chown(path, *vcap_of(layout))
