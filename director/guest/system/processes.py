"""Processes of this VM, as /proc shows them.

Takes pids and pidfiles, gives whether they live, how long, and what they use.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import Dict, List, NamedTuple, Optional

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_LONGEST_LINE = 1 << 16
_LONGEST_STAT = 4096
_PAGE_KIB = os.sysconf("SC_PAGE_SIZE") // 1024


class Usage(NamedTuple):
    """`started_s` counts from boot; `cpu_s` is user and system time together."""

    started_s: float
    cpu_s: float
    mem_kib: int


def live_pid(pidfile: str) -> Optional[int]:
    """The pid in the file if that process lives; a zombie does not."""
    try:
        with open(pidfile, "rb", buffering=0) as stream:
            words = stream.read(64).split()
        pid = int(words[0])
    except (OSError, ValueError, IndexError):
        return None
    return pid if pid > 0 and _fields(pid) is not None else None


def oldest_matching(pattern: str) -> Optional[int]:
    """The process, of those with a command line that matches, which has run for longest; never the asking one.

    Its children often have the same command line, so that the oldest is the one that was started. Its number tells two
    that were started in one tick of the clock apart.
    """
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        if pid != os.getpid() and re.search(pattern, command_line_of(pid)):
            fields = _fields(pid)
            if fields is not None:
                found.append((int(fields[19]), pid))
    return min(found)[1] if found else None


def command_line_of(pid: int) -> str:
    """As monit has it: words with blanks between, or the name of a process without any; "" when it is gone."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as stream:
            words = stream.read(_LONGEST_LINE)
    except OSError:
        return ""
    return words.replace(b"\0", b" ").decode("utf-8", "replace").strip() or _name_of(str(pid))


def usage_of(pid: int) -> Optional[Usage]:
    """None when it is gone."""
    fields = _fields(pid)
    if fields is None:
        return None
    return Usage(
        started_s=int(fields[19]) / _TICKS_PER_S,
        cpu_s=(int(fields[11]) + int(fields[12])) / _TICKS_PER_S,
        mem_kib=int(fields[21]) * _PAGE_KIB,
    )


def session_of(pid: int) -> int:
    """0 when it is gone."""
    fields = _fields(pid)
    return int(fields[3]) if fields else 0


def members_of(session: int) -> List[int]:
    """All processes of a session."""
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and session_of(int(name)) == session]


def uptime_s() -> float:
    """Seconds since the machine booted, on the clock that processes' start times use."""
    with open("/proc/uptime", encoding="ascii") as stream:
        return float(stream.read().split()[0])


def boot_mark() -> str:
    """A text that is another one after every boot, also where PID 1 alone is new (a container)."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as stream:
        boot_id = stream.read().strip()
    fields = _fields(1)
    return "%s/%s" % (boot_id, fields[19] if fields else "")


def children_of_all() -> Dict[int, List[int]]:
    """The children of each process that has some."""
    found: Dict[int, List[int]] = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        fields = _fields(int(pid))
        if fields is not None:
            found.setdefault(int(fields[1]), []).append(int(pid))
    return found


def users_of(directory: str) -> List[str]:
    """Processes that hold something below a directory, as "name (pid)"; only those we may look at."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if any(path == directory or path.startswith(directory + "/") for path in _open_paths(pid)):
            found.append("%s (%s)" % (_name_of(pid), pid))
    return sorted(found)


def _open_paths(pid: str) -> List[str]:
    links = [os.path.join("/proc", pid, "cwd")]
    with contextlib.suppress(OSError):
        links += [os.path.join("/proc", pid, "fd", number) for number in os.listdir(os.path.join("/proc", pid, "fd"))]
    paths = []
    for link in links:
        try:
            paths.append(os.readlink(link))
        except OSError:
            continue
    return paths


def _name_of(pid: str) -> str:
    try:
        with open(os.path.join("/proc", pid, "comm"), encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return "?"


def _fields(pid: int) -> Optional[List[str]]:
    """The fields of /proc/PID/stat after the name; None when the process is gone or a zombie."""
    try:
        with open("/proc/%d/stat" % pid, "rb", buffering=0) as stream:
            fields = stream.read(_LONGEST_STAT).decode("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return fields if fields and fields[0] not in ("Z", "X") else None
