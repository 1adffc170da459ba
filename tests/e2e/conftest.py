"""Homes for end-to-end tests: one platform for all tests that only look, a fresh environment for others."""

import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.clouds.local.host import state_root as places
from tests.support.command import Compleat
from tests.support.environments import local_compleat


@pytest.fixture(scope="session")
def ours() -> str:
    """How the names of all environments of this session begin, and of no other session's."""
    return f"t{uuid.uuid4().hex[:6]}"


@pytest.fixture(scope="session")
def kept_home(_nothing_of_ours_left: None) -> Iterator[Path]:
    """A home whose caches all tests of the session share: packages are compiled once."""
    home = Path(tempfile.mkdtemp(prefix="compleat-"))
    home.chmod(0o700)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def platform(new_compleat: Callable[[], Compleat]) -> Iterator[Compleat]:
    """The platform after `up`, for tests that leave it as it is: one unit of tests/scheduling.py, so it is up once.

    Their commands are forked from a process that has imported all. The tests of the documentation, of bad places and of
    an ordinary user start commands as a user does.
    """
    compleat = new_compleat()
    key = own_key(compleat)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    file = compleat.home / "environments" / f"{compleat.environment}.yml"
    file.write_text(f"{file.read_text()}ssh_keys: ['{key.with_suffix('.pub').read_text().strip()}']\n")
    compleat.run("up", timeout_s=600).ended()
    yield replace(compleat, is_warm=True)
    compleat.run("down", "-n").ended()
    for path in (key, key.with_suffix(".pub")):
        path.unlink()


def own_key(compleat: Compleat) -> Path:
    """The private key of the person whose public one is in the platform's environment file."""
    return compleat.home.with_name(f"{compleat.home.name}-{compleat.environment}-key")


@pytest.fixture(scope="session")
def new_compleat(kept_home: Path, ours: str) -> Callable[[], Compleat]:
    """Environments of a module's or a test's own, which takes them down itself."""
    return lambda: local_compleat(kept_home, f"{ours}-{uuid.uuid4().hex[:4]}")


@pytest.fixture
def compleat(new_compleat: Callable[[], Compleat]) -> Iterator[Compleat]:
    """An environment of the test's own, taken down afterwards whatever happened."""
    own = new_compleat()
    yield own
    own.take_down()


@pytest.fixture(scope="session")
def _nothing_of_ours_left(ours: str) -> Iterator[None]:
    """No state, mount or process in a namespace of the tests may outlive the session; others are ignored."""
    yield
    assert {"states": _states(ours), "processes": _processes(ours)} == {"states": [], "processes": []}


def _states(ours: str) -> list[str]:
    return sorted(path.name for path in Path(places.default_root()).glob(f"{ours}-*"))


def _processes(ours: str) -> list[str]:
    """Processes that see a mount of the tests: a mount of the host would show in every process."""
    found = []
    for path in Path("/proc").glob("[0-9]*/mountinfo"):
        try:
            mounts = path.read_text()
        except OSError:
            continue  # it ended meanwhile
        if f"/{ours}-" in mounts:
            found.append(path.parent.name)
    return sorted(found)
