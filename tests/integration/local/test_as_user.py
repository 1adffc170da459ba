"""The same tests as an ordinary user, in a process that left root behind."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_UID = 64123  # nobody's: no account is made, as none is needed
_ROOT = Path(__file__).resolve().parents[3]
_FILES = [f"tests/integration/local/test_{name}.py" for name in ("flow", "vms", "walls", "crashes", "odd_machines")]


@pytest.mark.local
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; the other tests are a user's already")
def test_the_same_passes_for_an_ordinary_user() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.local.as_user", str(_UID), "-v", *_FILES],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "passed" in done.stdout
