import subprocess
import sys

SLOW = {
    "pydantic",
    "sqlalchemy",
    "paramiko",
    "asyncssh",
    "rich",
    "click",
    "jinja2",
    "cryptography",
    "asyncio",
    "cpi.contract.values",
}


def test_interpolate_imports_nothing_slow() -> None:
    code = "import sys, director.app.use_cases.interpolate; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "director.text.ops.patch" in loaded
    assert loaded & SLOW == set()
