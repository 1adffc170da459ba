"""The same tests as an ordinary user, in a process that left root behind: those of what the kernel allows a user.

Damaged files and machines with a flaw are read alike by every user, so their tests run once.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_UID = 64123  # without an account: none is needed
_ROOT = Path(__file__).resolve().parents[3]
_FIRST_ID = 1 << 20
_PARTS = (
    ("flow", "vms", "walls"),
    ("crashes", "host_trees"),
    ("addresses", "route_tables"),
    ("nat_gateways", "inner_balancers"),
)


@pytest.mark.local
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; the other tests are a user's already")
@pytest.mark.parametrize("names", _PARTS, ids="+".join)
def test_the_same_passes_for_an_ordinary_user(names: tuple[str, ...]) -> None:
    _run_as(str(_UID), names)


@pytest.mark.local
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a user subordinate ids")
@pytest.mark.skipif(shutil.which("newuidmap") is None, reason="newuidmap (package uidmap) is not installed")
def test_the_walls_stand_for_a_user_with_subordinate_ids() -> None:
    _run_as(f"{_UID}:{_FIRST_ID}", ("walls", "host_trees"))


def _run_as(user: str, names: tuple[str, ...]) -> None:
    files = [f"tests/integration/local/test_{name}.py" for name in names]
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.local.as_user", user, "-v", *files],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
