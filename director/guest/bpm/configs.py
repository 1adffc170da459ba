"""What a job's bpm.yml says, as the director read it.

Takes a job, gives its processes. A VM has no YAML reader, so the director puts what it read beside the file.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any, Dict, List, Mapping, NamedTuple, Optional, Tuple

from director.guest.failures import GuestError
from director.guest.layout import Layout
from director.guest.system import files

CONFIG = os.path.join("config", "bpm.yml")
_READ = os.path.join(".bosh", "bpm.json")


class BpmVolume(NamedTuple):
    """`is_free` is one of `unrestricted_volumes`: its path may hold wildcards, and it is never created."""

    path: str
    is_writable: bool = False
    is_executable: bool = False
    is_mount_only: bool = False
    is_shared: bool = False
    is_free: bool = False


class Limits(NamedTuple):
    """None means no limit; memory and core files are in bytes."""

    memory: Optional[int] = None
    open_files: Optional[int] = None
    processes: Optional[int] = None
    core_file_size: Optional[int] = None


class BpmProcess(NamedTuple):
    job: str
    name: str
    executable: str
    args: Tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    workdir: str = ""
    pre_start: str = ""
    capabilities: Tuple[str, ...] = ()
    limits: Limits = Limits()
    has_ephemeral_disk: bool = False
    has_persistent_disk: bool = False
    volumes: Tuple[BpmVolume, ...] = ()
    is_privileged: bool = False
    shares_pids: bool = False
    signal: str = "TERM"


def read_processes(layout: Layout, job: str) -> List[BpmProcess]:
    """All processes of the job. Raises bpm-config-unreadable."""
    folder = os.path.join(layout.jobs, files.check_plain_name(job, "job"))
    path = os.path.join(folder, CONFIG)
    try:
        with open(path, "rb") as stream:
            digest = hashlib.sha256(stream.read()).hexdigest()
    except OSError as error:
        raise _broken("open %s: %s" % (path, str(error.strerror).lower())) from error
    read = files.read_json(os.path.join(folder, _READ))
    if not read:
        raise _broken("%s is no configuration of bpm" % path)
    if read.get("digest") != digest:
        raise _broken("%s was changed on this VM after the director had rendered it" % path)
    return [_process(job, each) for each in read["processes"]]


def find_process(layout: Layout, job: str, name: str) -> BpmProcess:
    """The process called `name`. Raises bpm-config-unreadable, bpm-process-missing."""
    for process in read_processes(layout, job):
        if process.name == name:
            return process
    path = os.path.join(layout.jobs, job, CONFIG)
    raise GuestError("bpm-process-missing", 'process "%s" not present in job configuration (%s)' % (name, path))


def configured_jobs(layout: Layout) -> List[str]:
    """The jobs that have a bpm.yml."""
    return [job for job in sorted(os.listdir(layout.jobs)) if os.path.exists(os.path.join(layout.jobs, job, CONFIG))]


def read_volume(text: str) -> BpmVolume:
    """A volume of the command line: PATH[:OPTION,...]. Raises bpm-volume-unknown."""
    path, _, options = text.partition(":")
    chosen = [option for option in options.split(",") if option]
    known = ("writable", "allow_executions", "mount_only", "shared")
    if set(chosen) - set(known) or not path.startswith("/var/vcap/") or os.path.normpath(path) != path:
        raise GuestError("bpm-volume-unknown", "invalid volume: %s" % text)
    return BpmVolume(path, *(option in chosen for option in known))


def _process(job: str, read: Mapping[str, Any]) -> BpmProcess:
    unsafe: Dict[str, Any] = read["unsafe"]
    volumes = [_volume(each) for each in read["additional_volumes"]]
    free = [_volume(each)._replace(is_free=True) for each in unsafe["unrestricted_volumes"]]
    return BpmProcess(
        job=job,
        name=read["name"],
        executable=read["executable"],
        args=tuple(read["args"]),
        env=read["env"],
        workdir=read["workdir"],
        pre_start=read["pre_start"],
        capabilities=tuple(read["capabilities"]),
        limits=Limits(**read["limits"]),
        has_ephemeral_disk=read["ephemeral_disk"],
        has_persistent_disk=read["persistent_disk"],
        volumes=(*volumes, *free),
        is_privileged=unsafe["privileged"],
        shares_pids=unsafe["host_pid_namespace"],
        signal=read["shutdown_signal"],
    )


def _volume(read: Mapping[str, Any]) -> BpmVolume:
    flags = (read["writable"], read["allow_executions"], read["mount_only"], read["shared"])
    return BpmVolume(read["path"], *flags)


def _broken(why: str) -> GuestError:
    return GuestError("bpm-config-unreadable", "failed to parse job configuration: %s" % why)
