"""Other Pythons of this machine: the platform on each, unit tests on the newest, the guest's on oldest and newest.

Deprecations are errors in the tests (pyproject.toml), so what the next Python drops is found on the one before it.
A Python between the oldest and the newest gets the platform alone, for the sake of time: its unit tests took 43 s.
Takes the interpreters found (PATH, pyenv, /usr/bin) and the part that is wanted, `platform` or `guest`; says what is
absent, ends at the first failure. `make test` runs the first part beside stages that leave the processors idle. The
guest's tests wait most of the time, so both of its Pythons run in parallel.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
SUPPORTED = ((3, 11), (3, 12), (3, 13), (3, 14))
GUEST_OLDEST = (3, 8)
_NEWEST_OF_GUEST = ((3, 14), (3, 13), (3, 12), (3, 11))
_PLACES = ("~/.pyenv/versions/*/bin", "~/.local/share/uv/python/*/bin", "/usr/local/bin", "/usr/bin")
_GUEST_UNIT = ("packages/test_archives", "disks/test_device_names", "supervise/test_service_set")
_GUEST_PROCESS = ("verbs", "supervision", "first_signal", "log_rotation")
Version = tuple[int, int]


def main(part: str) -> int:
    """Run that part. 1 at the first failure."""
    found = {version: path for version in (GUEST_OLDEST, *SUPPORTED) if (path := find_interpreter(version))}
    print("\n".join(describe(found)), flush=True)
    others = [version for version in SUPPORTED if version in found and version != sys.version_info[:2]]
    newest = next(version for version in _NEWEST_OF_GUEST if version in found or version == sys.version_info[:2])
    with tempfile.TemporaryDirectory(prefix="compleat-") as home:
        if part == "guest":
            guests = [version for version in (GUEST_OLDEST, newest) if version in found]
            with ThreadPoolExecutor() as beside:
                return max(beside.map(lambda version: _run_all(_guest_steps(found[version]), home), guests), default=0)
        platforms = (step for version in others for step in _steps_of(version, found[version], newest))
        return _run_all(platforms, home)


def _run_all(steps: Iterable["_Step"], home: str) -> int:
    """The output of a step is printed at its end, in one piece. 1 at the first failure."""
    for title, command, more in steps:
        environment = {**os.environ, "COMPLEAT_HOME": home, **more}
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"== {title}\n{done.stdout}", flush=True)
        if done.returncode:
            print(f"FAILED: {title}", file=sys.stderr, flush=True)
            return 1
    return 0


def find_interpreter(version: Version) -> str:
    """Its newest program with pip; "" when there is none."""
    name = f"python{version[0]}.{version[1]}"
    places = [Path(place) for pattern in _PLACES for place in _glob(pattern)]
    candidates = [str(place / name) for place in places] + [shutil.which(name) or ""]
    return next((path for path in candidates if path and _is_version(path, version)), "")


def describe(found: Mapping[Version, str]) -> list[str]:
    """A line for each interpreter: where it is, or that it is absent and so not tested."""
    return [
        f"Python {major}.{minor}: {found.get((major, minor)) or 'not on this machine, so not tested'}"
        for major, minor in (GUEST_OLDEST, *SUPPORTED)
    ]


_Step = tuple[str, Sequence[str], Mapping[str, str]]


def _steps_of(version: Version, python: str, newest: Version) -> Iterator[_Step]:
    name = f"{version[0]}.{version[1]}"
    venv = f".venv/python{name}"
    make = ["make", "--no-print-directory", f"VENV={venv}", f"PYTHON={python}"]
    unit = [f"{venv}/bin/python", "-m", "tests.parts", "2", "tests/unit"]
    yield f"Python {name}: install", [*make, f"{venv}/bin/.installed-dev"], {}
    if version in (SUPPORTED[0], newest):
        yield f"Python {name}: unit", unit, {}
    yield f"Python {name}: make up", [*make, "up"], {}
    yield f"Python {name}: make down", [*make, "down"], {}


def _guest_steps(python: str) -> Iterator[_Step]:
    """Its functions in that interpreter, with a pytest of its own; its program by pipes, told by ours."""
    venv = ROOT / ".venv" / f"guest-{Path(python).name}"
    name = Path(python).name
    install = f'test -x {venv}/bin/pytest || {{ "{python}" -m venv {venv} && {venv}/bin/pip install -q pytest; }}'
    unit = [f"tests/unit/director/guest/{each}.py" for each in _GUEST_UNIT]
    alone = ["--noconftest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={ROOT}", "-W", "error"]
    process = [f"tests/integration/guest/test_{each}.py" for each in _GUEST_PROCESS]
    yield f"{name}: pytest for the guest", ["sh", "-c", install], {}
    yield f"{name}: guest, its functions", [f"{venv}/bin/python", "-m", "pytest", *alone, *unit], {"PYTHONPATH": "."}
    by_pipes = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *process]
    yield f"{name}: guest, its program", by_pipes, {"COMPLEAT_GUEST_PYTHON": python}


def _glob(pattern: str) -> list[str]:
    path = Path(pattern).expanduser()
    return [str(found) for found in sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))), reverse=True)]


def _is_version(path: str, version: Version) -> bool:
    """A shim of pyenv is there for versions that are not; Debian's may lack ensurepip."""
    if not os.access(path, os.X_OK):
        return False
    ask = [path, "-c", "import sys, ensurepip, venv; print(sys.version)"]
    said = subprocess.run(ask, capture_output=True, text=True, check=False).stdout
    return bool(re.match(rf"{version[0]}\.{version[1]}\.", said))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
