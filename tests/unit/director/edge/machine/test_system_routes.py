"""Routes of this machine, asked of its kernel."""

import subprocess
import sys

import pytest

from director.edge.machine.system_routes import SystemRoutes

WITHOUT_NETWORK = """
import ctypes, sys
libc = ctypes.CDLL(None, use_errno=True)
if libc.unshare(0x10000000 | 0x40000000):
    sys.exit(77)
from director.edge.machine.system_routes import SystemRoutes
print([SystemRoutes().has_route(address) for address in ("10.0.0.5", "192.0.2.1", "2001:db8::1")])
"""
"""In a user namespace and a network namespace of its own, which has no interface that is up."""


def test_this_machine_has_a_route_to_itself() -> None:
    assert SystemRoutes().has_route("127.0.0.1")


def test_a_machine_without_a_network_has_none() -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT_NETWORK], capture_output=True, text=True, check=False)
    if ran.returncode == 77:
        pytest.skip("this machine allows no network namespace")
    assert (ran.stdout.strip(), ran.returncode) == ("[False, False, False]", 0)
