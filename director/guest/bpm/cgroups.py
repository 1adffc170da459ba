"""Memory and number of processes of a container limited by control groups, where this VM has them.

Takes limits and a process, gives what could not be limited. Each limit is a file of a group: below one root in version
2, below a root of each controller in version 1, which older distributions have. Source: kernel documentation,
admin-guide/cgroup-v2, admin-guide/cgroup-v1; cloudfoundry/bpm-release src/bpm/runc/adapter/adapter.go.
"""

from __future__ import annotations

import contextlib
import os
from typing import Dict, Iterator, Tuple

from director.guest.bpm.configs import Limits

ROOT = "/sys/fs/cgroup"


def limit_process(name: str, pid: int, limits: Limits, *, root: str = ROOT) -> str:
    """Put the process, and so all that it starts, into groups of that name; why not, "" when it is done."""
    wanted = {"memory": limits.memory, "pids": limits.processes}
    values = {controller: value for controller, value in wanted.items() if value is not None}
    if not values:
        return ""
    is_unified = os.path.exists(os.path.join(root, "cgroup.controllers"))
    if not is_unified and not all(os.path.exists(os.path.join(root, each, "cgroup.procs")) for each in values):
        return "this VM has no control groups"
    try:
        limit = _limit_unified if is_unified else _limit_each
        limit(root, name, pid=pid, values=values)
    except OSError as error:
        return "control groups of this VM cannot be used: %s" % error.strerror
    return ""


def remove_group(name: str, *, root: str = ROOT) -> None:
    """Remove the groups of a container that ended."""
    for parent in (root, os.path.join(root, "memory"), os.path.join(root, "pids")):
        for group in (os.path.join(parent, "bpm", name), os.path.join(parent, "bpm")):
            with contextlib.suppress(OSError):  # absent, or other containers have theirs there
                os.rmdir(group)


def _limit_unified(root: str, name: str, *, pid: int, values: Dict[str, int]) -> None:
    folder = os.path.join(root, "bpm", name)
    for parent in (root, os.path.join(root, "bpm")):
        os.makedirs(parent, exist_ok=True)
        _write(os.path.join(parent, "cgroup.subtree_control"), " ".join("+" + each for each in values))
    os.makedirs(folder, exist_ok=True)
    for controller, value in values.items():
        _write(os.path.join(folder, controller + ".max"), str(value))
    if "memory" in values:
        with contextlib.suppress(OSError):  # a kernel that does not account swap
            _write(os.path.join(folder, "memory.swap.max"), "0")
    _write(os.path.join(folder, "cgroup.procs"), str(pid))


def _limit_each(root: str, name: str, *, pid: int, values: Dict[str, int]) -> None:
    for controller, value in values.items():
        folder = os.path.join(root, controller, "bpm", name)
        os.makedirs(folder, exist_ok=True)
        for file, is_optional in _files_of(controller):
            with contextlib.suppress(OSError) if is_optional else contextlib.nullcontext():
                _write(os.path.join(folder, file), str(value))
        _write(os.path.join(folder, "cgroup.procs"), str(pid))


def _files_of(controller: str) -> Iterator[Tuple[str, bool]]:
    if controller == "pids":
        yield "pids.max", False
    else:
        yield "memory.limit_in_bytes", False
        yield "memory.memsw.limit_in_bytes", True  # a kernel that does not account swap has no such file


def _write(path: str, value: str) -> None:
    with open(path, "w", encoding="ascii") as stream:
        stream.write(value)
