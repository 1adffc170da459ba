"""The verbs ping and get_state: what this VM is and how it does.

Takes the VM as it is, gives a state whose words are those of BOSH's agent.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any, Dict, List

from director.guest.arguments import Arguments
from director.guest.calls import VerbCall
from director.guest.guests import Guest
from director.guest.layout import Layout
from director.guest.system import files, processes
from director.guest.verbs import disks, supervision

_CPU_SAMPLE_S = 0.1
_STAT_FIELDS = {"user": (0, 1), "sys": (2, 5, 6), "wait": (4,)}


def ping(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    return identity(guest)


def identity(guest: Guest) -> Dict[str, str]:
    """The guest's identity, also the greeting of every `serve`."""
    return {"version": guest.version, "python": sys.version.split()[0], "hostname": os.uname().nodename}


def get_state(guest: Guest, arguments: Arguments, call: VerbCall) -> Dict[str, Any]:
    """`vitals` only when `full`, for they take a moment to measure."""
    layout = guest.layout
    state = supervision.describe_services(layout)
    state["spec"] = dict(files.read_json(layout.spec_file))
    state["disks"] = sorted(disks.mounted_disks(layout))
    if arguments.flag("full"):
        state["vitals"] = _measure(layout)
    return state


def _measure(layout: Layout) -> Dict[str, Any]:
    memory = _memory_kib()
    used = memory["MemTotal"] - memory.get("MemAvailable", memory["MemFree"])
    swapped = memory.get("SwapTotal", 0) - memory.get("SwapFree", 0)
    return {
        "load": [round(load, 2) for load in os.getloadavg()],
        "cpu": _cpu_percent(),
        "mem": {"percent": _share(used, memory["MemTotal"]), "kib": used},
        "swap": {"percent": _share(swapped, memory.get("SwapTotal", 0)), "kib": swapped},
        "disk": _disk_percent(layout),
        "uptime_s": int(processes.uptime_s()),
    }


def _memory_kib() -> Dict[str, int]:
    with open("/proc/meminfo", encoding="ascii") as stream:
        return {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in stream)}


def _cpu_percent() -> Dict[str, float]:
    """Shares of the time between two looks."""
    before = _cpu_ticks()
    time.sleep(_CPU_SAMPLE_S)
    spent = [ticks - before[field] for field, ticks in enumerate(_cpu_ticks())]
    total = sum(spent[:8])
    return {word: _share(sum(spent[field] for field in fields), total) for word, fields in _STAT_FIELDS.items()}


def _cpu_ticks() -> List[int]:
    with open("/proc/stat", encoding="ascii") as stream:
        return [int(word) for word in stream.readline().split()[1:]]


def _disk_percent(layout: Layout) -> Dict[str, Dict[str, float]]:
    places = {"system": "/", "ephemeral": layout.data}
    if disks.mounted_disks(layout):
        places["persistent"] = layout.store
    return {name: _fill_of(path) for name, path in places.items()}


def _fill_of(path: str) -> Dict[str, float]:
    facts = os.statvfs(path)
    return {
        "percent": _share(facts.f_blocks - facts.f_bavail, facts.f_blocks),
        "inode_percent": _share(facts.f_files - facts.f_favail, facts.f_files),
    }


def _share(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0
