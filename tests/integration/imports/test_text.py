import subprocess
import sys
from pathlib import Path

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


def test_the_command_interpolate_imports_neither_click_nor_what_is_behind_it(tmp_path: Path) -> None:
    manifest = tmp_path / "m.yml"
    manifest.write_text("name: ((name))\n")
    argv = [sys.executable, "-X", "importtime", "-m", "director.cli.main", "interpolate", str(manifest), "-v", "name=x"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert done.stdout == "name: x\n"
    assert "director.cli.interpolation" in loaded
    assert loaded & (SLOW | {"inspect", "json", "pathlib", "tempfile"}) == set()
