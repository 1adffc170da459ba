"""Every test: a clean environment, no network but loopback, umask and locale fixed."""

import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FrameType

import pytest
from xdist.remote import Producer
from xdist.scheduler import Scheduling

from tests import prerequisites, scheduling

_KEPT = {"PATH", "HOME", "LANG", "TMPDIR", "USER", "LOGNAME", "CI", "VIRTUAL_ENV"}
_ROOT = Path(__file__).parents[1]
_BYTECODE = _ROOT / ".venv/bytecode"
_PREFIXES = ("PIP_", "PYTEST_", "PYTHON", "UV_", "SSL_", "REQUESTS_")

# Each process of the tests, and each command that they run, would otherwise compile all sources again where the machine
# forbids bytecode beside them.
sys.dont_write_bytecode = False
sys.pycache_prefix = str(_BYTECODE)
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHONPYCACHEPREFIX"] = str(_BYTECODE)
gc.disable()  # collecting imports a thousand modules, none of which is garbage


def pytest_addoption(parser: pytest.Parser) -> None:
    """What tests/parts.py passes."""
    parser.addoption("--part", metavar="N/M", default="1/1", help="only the Nth of M parts of the test files")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files of other parts are not even read."""
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    return True if is_test and not _is_in_part(collection_path, config) else None


def _is_in_part(file: Path, config: pytest.Config) -> bool:
    number, _, parts = str(config.getoption("--part")).partition("/")
    return parts == "1" or _name_of(file) in _share(int(number), int(parts), tuple(config.args))


@cache
def _share(number: int, parts: int, places: tuple[str, ...]) -> frozenset[str]:
    named = [Path(place.partition("::")[0]) for place in places]
    files = {_name_of(file) for place in named for file in (place.rglob("test_*.py") if place.is_dir() else [place])}
    return frozenset(scheduling.share_out(files, parts)[number - 1])


def _name_of(file: Path) -> str:
    return os.path.relpath(file, _ROOT)


def pytest_configure(config: pytest.Config) -> None:
    """The seconds of a stage are recorded by the process that hears of all tests."""
    if not hasattr(config, "workerinput"):
        for stopwatch in scheduling.stopwatches():
            config.pluginmanager.register(stopwatch)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    """Units of tests/scheduling.py in place of files."""
    return scheduling.UnitScheduling(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_collection_modifyitems(items: list[pytest.Item], config: pytest.Config) -> None:
    """Tests are skipped where a program that they need is missing. The longest units of tests begin first.

    A file that the command names is read by all parts, and its tests are one part's.
    """
    items[:] = [item for item in items if _is_in_part(item.path, config)]
    here = {each.name: each.is_here() for each in prerequisites.ALL}
    for item in items:
        for name in (name for mark in item.iter_markers("needs") for name in mark.args if not here[name]):
            item.add_marker(pytest.mark.skip(reason=prerequisites.BY_NAME[name].reason()))
    scheduling.sort_longest_first(items)


def pytest_collection_finish() -> None:
    """What is there before the first test stays to the end: garbage is not looked for among it."""
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _clean_environment() -> Iterator[None]:
    """Drop what could leak into a test; package clients keep the settings of the machine."""
    before = dict(os.environ)
    for name in set(os.environ) - _KEPT:
        if not name.startswith(_PREFIXES):
            del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(autouse=True, scope="session")
def _hears_signals() -> Iterator[None]:
    """A shell has what it starts in the background ignore Ctrl-C, and nohup has it ignore a hangup; both pass on to all
    that is started from there. Tests of either signal need it heard."""
    heard: dict[int, Callable[[int, FrameType | None], None] | signal.Handlers] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGHUP: signal.SIG_DFL,
    }
    ignored = [number for number in heard if signal.getsignal(number) is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, heard[number])
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture(autouse=True, scope="session")
def _loopback_only() -> Iterator[None]:
    """Refuse connections of this process to anything but loopback and local sockets."""
    real = socket.socket.connect

    def connect(self: socket.socket, address: object) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and isinstance(address, tuple):
            host = str(address[0])
            if not (host.startswith("127.") or host in {"localhost", "::1"}):
                raise PermissionError(f"tests must not connect to {host}")
        real(self, address)  # type: ignore[arg-type]

    socket.socket.connect = connect  # type: ignore[method-assign, assignment]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]
