"""The filter of clouds with one id, run in a child: what pretends and what does not."""

import os
import platform

import pytest

from cpi.clouds.local.inside.system import seccomp

_NEEDED = platform.machine() in {"x86_64", "aarch64"}


@pytest.mark.skipif(not _NEEDED, reason="the filter knows the call numbers of x86_64 and aarch64 only")
def test_owners_and_devices_pretend_and_all_else_is_real() -> None:
    assert _in_child() == 0


def _try_calls() -> int:
    seccomp.install()
    before = os.getuid()
    os.setuid(before + 1)
    os.setgroups([12345])
    os.mknod("/nowhere/device", 0o020600, os.makedev(1, 3))
    os.chown("/nowhere/file", 1, 1)
    if os.getuid() != before:
        return 2
    try:
        os.mkfifo("/nowhere/fifo")
    except FileNotFoundError:
        return 0
    return 3


def _in_child() -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = _try_calls()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
