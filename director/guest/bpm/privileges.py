"""What a process may do: user, capabilities, resource limits.

Takes a process, changes the one that calls. Source: capabilities(7), prctl(2), cloudfoundry/bpm-release adapter.go.
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from typing import Iterable, List, Tuple

from director.guest.bpm.configs import Limits
from director.guest.system import users

_NAMES = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK",
    "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN",
    "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
    "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM",
    "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF", "CHECKPOINT_RESTORE",
]  # fmt: skip
"""In the order of their numbers, from 0."""
_KEEP_CAPS, _CAPBSET_READ, _CAPBSET_DROP, _CHILD_SUBREAPER, _NO_NEW_PRIVS, _CAP_AMBIENT = 8, 23, 24, 36, 38, 47
_AMBIENT_RAISE = 2
_CAP_VERSION_3 = 0x20080522
_LIBC = ctypes.CDLL(None, use_errno=True)


def adopt_orphans() -> None:
    """Be the parent of all descendants whose own parent ends."""
    _LIBC.prctl(_CHILD_SUBREAPER, 1, 0, 0, 0)


def set_limits(limits: Limits) -> List[str]:
    """Set the limits that a process has by itself; gives what could not be set."""
    wanted: List[Tuple[str, int, int]] = []
    if limits.open_files is not None:
        wanted.append(("open_files", resource.RLIMIT_NOFILE, limits.open_files))
    if limits.core_file_size is not None:
        wanted.append(("core_file_size", resource.RLIMIT_CORE, limits.core_file_size))
    return [text for text in [_set_limit(*each) for each in wanted] if text]


def become_vcap(uid: int, gid: int, capabilities: Iterable[str]) -> None:
    """Be vcap with these capabilities, also after exec, and with no way to more."""
    wanted = {_NAMES.index(name.upper()) for name in capabilities if name.upper() in _NAMES}
    _prctl(_KEEP_CAPS, 1)
    for number in range(len(_NAMES)):
        if number not in wanted:
            _LIBC.prctl(_CAPBSET_DROP, number, 0, 0, 0)
    os.setgroups([gid])
    os.setgid(gid)
    os.setuid(uid)
    if uid != 0 and os.getuid() == 0:
        users.enter_namespace(uid, gid)
    else:
        _keep_capabilities(wanted)
    _prctl(_NO_NEW_PRIVS, 1)


def unknown_capabilities(capabilities: Iterable[str]) -> List[str]:
    """Those that no kernel has."""
    return [name for name in capabilities if name.upper() not in _NAMES]


def _keep_capabilities(wanted: "set[int]") -> None:
    held = {number for number in wanted if _LIBC.prctl(_CAPBSET_READ, number, 0, 0, 0) == 1}
    mask = sum(1 << number for number in held)
    header = struct.pack("<Ii", _CAP_VERSION_3, 0)
    low, high = mask & 0xFFFFFFFF, mask >> 32
    data = struct.pack("<6I", low, low, low, high, high, high)
    if _LIBC.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset: " + os.strerror(ctypes.get_errno()))
    for number in held:
        _LIBC.prctl(_CAP_AMBIENT, _AMBIENT_RAISE, number, 0, 0)


def _prctl(option: int, value: int) -> None:
    if _LIBC.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl: " + os.strerror(ctypes.get_errno()))


def _set_limit(name: str, kind: int, value: int) -> str:
    """As wanted; otherwise as near as the hard limit allows, and a text that says so."""
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (min(value, hard), min(value, hard)))
        return "limit %s is %d instead of %d: this VM's own limit" % (name, hard, value)
    return ""
