"""In a cloud of one id: let chown, setuid and making devices seem to succeed.

Takes nothing; installs a filter on the calling process and all it starts, so that tar, install, cp -a and su work.
Programs that look at their id afterwards are not fooled; they are started through a nested user namespace.
"""

import platform
import struct

from cpi.clouds.local.inside.system import sysc

_LOAD, _EQUAL, _RETURN, _AND = 0x20, 0x15, 0x06, 0x54
_ALLOW, _PRETEND = 0x7FFF0000, 0x00050000  # the second: "return errno 0"
_AT_NUMBER, _AT_ARCHITECTURE, _AT_ARGUMENTS = 0, 4, 16
_FORMAT, _CHARACTER, _BLOCK = 0o170000, 0o020000, 0o060000

# Each architecture: its audit number; the calls that pretend; the mknods, with the place of their mode argument.
_TABLES: dict[str, tuple[int, tuple[int, ...], tuple[tuple[int, int], ...]]] = {
    "x86_64": (
        0xC000003E,
        (92, 93, 94, 260, 105, 106, 113, 114, 116, 117, 119, 122, 123),
        ((133, 1), (259, 2)),
    ),
    "aarch64": (0xC00000B7, (54, 55, 143, 144, 145, 146, 147, 149, 151, 152, 159), ((33, 2),)),
}


def install() -> None:
    """Install the filter; on an architecture we have no numbers for, do nothing."""
    table = _TABLES.get(platform.machine())
    if table is None:
        return
    program = _program(*table)
    try:
        sysc.set_seccomp_filter(program)
    except PermissionError:
        sysc.prctl(sysc.PR_SET_NO_NEW_PRIVS, 1)
        sysc.set_seccomp_filter(program)


def _program(architecture: int, calls: tuple[int, ...], mknods: tuple[tuple[int, int], ...]) -> bytes:
    steps = [
        _step(_LOAD, _AT_ARCHITECTURE),
        _step(_EQUAL, architecture, then=1),
        _step(_RETURN, _ALLOW),
        _step(_LOAD, _AT_NUMBER),
    ]
    for number in calls:
        steps += [_step(_EQUAL, number, otherwise=1), _step(_RETURN, _PRETEND)]
    for number, argument in mknods:
        steps += [
            _step(_EQUAL, number, otherwise=6),
            _step(_LOAD, _AT_ARGUMENTS + 8 * argument),
            _step(_AND, _FORMAT),
            _step(_EQUAL, _CHARACTER, then=1),
            _step(_EQUAL, _BLOCK, otherwise=1),
            _step(_RETURN, _PRETEND),
            _step(_RETURN, _ALLOW),
        ]
    steps.append(_step(_RETURN, _ALLOW))
    return b"".join(steps)


def _step(code: int, value: int, *, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
