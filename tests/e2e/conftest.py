"""Homes for end-to-end tests: one platform for all tests that only look, a fresh environment for others."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.command import Compleat


def _new(home: Path) -> Compleat:
    return Compleat(home=home, environment=f"t{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def kept_home() -> Iterator[Path]:
    """A home whose caches all tests of the session share: packages are compiled once."""
    home = Path(tempfile.mkdtemp(prefix="compleat-"))
    home.chmod(0o700)
    yield home
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def platform(kept_home: Path) -> Iterator[Compleat]:
    """The platform, up, for tests that change nothing for the others."""
    compleat = _new(kept_home)
    compleat.run("up", timeout_s=600).ended()
    yield compleat
    compleat.run("down", "-n").ended()


@pytest.fixture(scope="session")
def new_compleat(kept_home: Path) -> Callable[[], Compleat]:
    """Environments of a module's or a test's own, which takes them down itself."""
    return lambda: _new(kept_home)


@pytest.fixture
def compleat(kept_home: Path) -> Iterator[Compleat]:
    """An environment of the test's own, taken down afterwards whatever happened."""
    own = _new(kept_home)
    yield own
    own.run("down", "-n").ended()


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_on_the_host() -> Iterator[None]:
    """No mount, no link and no cloud of ours may outlive the session."""
    before = _host()
    yield
    assert _host() == before


def _host() -> dict[str, list[str]]:
    mounts = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return {"mounts": sorted(mounts), "links": sorted(os.listdir("/sys/class/net"))}
