"""A program: `compleat` as an ordinary user, or on a machine that refuses namespaces.

Takes `user UID` or `no-namespaces`, then compleat's words; becomes compleat. Restricts nothing but itself.
"""

import os
import platform
import struct
import sys
from collections.abc import Sequence
from pathlib import Path

from cpi.clouds.local.inside.system import sysc
from tests.integration.local import as_user

_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _NOT_PERMITTED, _NO_SUCH_CALL = 0x7FFF0000, 0x00050001, 0x00050026
_NEW_NAMESPACES = 0x7E020080
"""Every CLONE_NEW* flag."""
_CLONE3 = 435  # its flags are in memory, which a filter cannot read; programs fall back to clone
_NEWER = (428, 429, 430, 431, 432, 442)  # open_tree, move_mount, fsopen, fsconfig, fsmount, mount_setattr
_NUMBERS = {"x86_64": (56, (272, 308, 165)), "aarch64": (220, (97, 268, 40))}
"""clone; and unshare, setns, mount."""


def main(words: Sequence[str]) -> None:
    """Restrict this process as the first words say, then become compleat with the rest."""
    if words[0] == "user":
        _become(int(words[1]))
        rest = words[2:]
    else:
        _refuse_namespaces()
        rest = words[1:]
    os.execv(sys.executable, [sys.executable, "-m", "director.cli.main", *rest])


def _become(uid: int) -> None:
    sysc.unshare(sysc.NEWNS)
    sysc.mount("none", "/", flags=sysc.MS_REC | sysc.MS_PRIVATE)
    as_user.open_way([Path(sys.base_prefix), Path(sys.prefix), Path(__file__).resolve().parents[2]])
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


def _refuse_namespaces() -> None:
    clone, refused = _NUMBERS[platform.machine()]
    steps = [_step(_LOAD, 0), _step(_EQUAL, _CLONE3, otherwise=1), _step(_RETURN, _NO_SUCH_CALL)]
    for number in (*refused, *_NEWER):
        steps += [_step(_EQUAL, number, otherwise=1), _step(_RETURN, _NOT_PERMITTED)]
    steps += [
        _step(_EQUAL, clone, otherwise=3),
        _step(_LOAD, 16),
        _step(_ANY_BIT, _NEW_NAMESPACES, otherwise=1),
        _step(_RETURN, _NOT_PERMITTED),
        _step(_RETURN, _ALLOW),
    ]
    sysc.prctl(sysc.PR_SET_NO_NEW_PRIVS, 1)
    sysc.set_seccomp_filter(b"".join(steps))


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)


if __name__ == "__main__":
    main(sys.argv[1:])
