"""What connecting costs the director."""

import subprocess
import sys

_TRIAL = (
    "import sys, cpi.clouds.local.plugin; "
    "print([name for name in ('asyncssh', 'paramiko', 'asyncio') if name in sys.modules])"
)


def test_connecting_imports_no_ssh_library_and_no_asyncio() -> None:
    done = subprocess.run([sys.executable, "-c", _TRIAL], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
