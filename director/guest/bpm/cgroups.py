"""Memory and number of processes of a container limited by a control group, where this VM has them.

Takes limits and a process, gives what could not be limited. Source: kernel documentation, admin-guide/cgroup-v2.
"""

from __future__ import annotations

import contextlib
import os
from typing import Dict

from director.guest.bpm.configs import Limits

ROOT = "/sys/fs/cgroup"


def limit_process(name: str, pid: int, limits: Limits, *, root: str = ROOT) -> str:
    """Put the process, and so all that it starts, into a group of that name; why not, "" when it is done."""
    values = _values(limits)
    if not values:
        return ""
    if not os.path.exists(os.path.join(root, "cgroup.controllers")):
        return "this VM has no cgroup v2"
    folder = os.path.join(root, "bpm", name)
    try:
        for parent in (root, os.path.join(root, "bpm")):
            os.makedirs(parent, exist_ok=True)
            _write(os.path.join(parent, "cgroup.subtree_control"), "+memory +pids")
        os.makedirs(folder, exist_ok=True)
        for file, value in values.items():
            _write(os.path.join(folder, file), value)
        with contextlib.suppress(OSError):  # a kernel that does not account swap
            _write(os.path.join(folder, "memory.swap.max"), "0" if limits.memory is not None else "max")
        _write(os.path.join(folder, "cgroup.procs"), str(pid))
    except OSError as error:
        return "control groups of this VM cannot be used: %s" % error.strerror
    return ""


def remove_group(name: str, *, root: str = ROOT) -> None:
    """Remove the group of a container that ended."""
    with contextlib.suppress(OSError):
        os.rmdir(os.path.join(root, "bpm", name))


def _values(limits: Limits) -> Dict[str, str]:
    named = {"memory.max": limits.memory, "pids.max": limits.processes}
    return {file: str(value) for file, value in named.items() if value is not None}


def _write(path: str, value: str) -> None:
    with open(path, "w", encoding="ascii") as stream:
        stream.write(value)
