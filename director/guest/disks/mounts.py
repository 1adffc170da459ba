"""Mounts made, looked at and undone by system calls, for stock images differ in their mount commands.

Takes paths, changes the mount table; what is mounted where comes from /proc/self/mountinfo.
"""

from __future__ import annotations

import ctypes
import os
import re
from typing import Dict, List

_BIND, _REMOUNT, _READ_ONLY = 4096, 32, 1
_FLAGS = {"nosuid": 2, "nodev": 4, "noexec": 8, "noatime": 1024, "nodiratime": 2048, "relatime": 1 << 21}


def mounted() -> Dict[str, str]:
    """Mount points and their devices ("8:17"), the uppermost one if several are mounted on the same point."""
    return {_plain(words[4]): words[2] for words in _table()}


def is_mounted(path: str) -> bool:
    return os.path.realpath(path) in mounted()


def bind_directory(source: str, target: str) -> None:
    _mount(source, target, kind="", flags=_BIND)


def mount_device(device: str, target: str, *, kind: str) -> None:
    _mount(device, target, kind=kind, flags=0)


def make_read_only(target: str) -> None:
    """Refuse writes below `target` from now on; other flags stay, for a user namespace may not drop them."""
    flags = sum(_FLAGS.get(word, 0) for word in _options_of(target))
    _mount("", target, kind="", flags=flags | _BIND | _REMOUNT | _READ_ONLY)


def unmount(target: str) -> None:
    if _libc().umount2(os.fsencode(target), 0) != 0:
        raise _last_error(target)


def _mount(source: str, target: str, *, kind: str, flags: int) -> None:
    result = _libc().mount(os.fsencode(source), os.fsencode(target), kind.encode(), ctypes.c_ulong(flags), None)
    if result != 0:
        raise _last_error(target)


def _options_of(target: str) -> List[str]:
    path = os.path.realpath(target)
    return [option for words in _table() if _plain(words[4]) == path for option in words[5].split(",")]


def _table() -> List[List[str]]:
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as stream:
        return [line.split() for line in stream]


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _last_error(path: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), path)


def _plain(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), text)
