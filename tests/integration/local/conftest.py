"""Yards for each test or module, taken down and looked for afterwards. A leak is a failure of the test that made it."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.local.yard import Yard, processes_of

_OUR_LINK = re.compile(r"(br|v\d+)-[0-9a-f]{10}")

MakeYard = Callable[..., Yard]


@contextlib.contextmanager
def _open_place() -> Iterator[Path]:
    """A directory that a shifted id can get to, unlike pytest's own."""
    place = Path(tempfile.mkdtemp(prefix="yard-", dir="/var/tmp"))
    place.chmod(0o755)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextlib.contextmanager
def open_yards() -> Iterator[MakeYard]:
    """A maker of yards, and at the end nothing of them on the machine."""
    made: list[Yard] = []
    links = _links()

    def make(*, at: str = ".", **settings: Any) -> Yard:
        (place / at).mkdir(parents=True, exist_ok=True)
        yard = Yard(place=(place / at).resolve(), **settings)
        made.append(yard)
        return yard

    with _open_place() as place:
        try:
            yield make
        finally:
            left = _take_down(made)
        assert left == []
        assert processes_of(place) == []
    assert _links() <= links
    assert [line for line in Path("/proc/self/mounts").read_text().splitlines() if str(place) in line] == []


def _links() -> set[str]:
    """Links on the host itself that are called as ours are: none may be added, by whatever runs beside this."""
    return {name for name in os.listdir("/sys/class/net") if _OUR_LINK.fullmatch(name)}


def _take_down(made: list[Yard]) -> list[str]:
    for yard in made:
        yard.down()
    return [thing for yard in made for thing in yard.leftovers()]


@pytest.fixture
def make_yard() -> Iterator[MakeYard]:
    """Yards of the test's own."""
    with open_yards() as make:
        yield make


@pytest.fixture
def yard(make_yard: MakeYard) -> Yard:
    """A yard in the best mode of this machine."""
    return make_yard()


@pytest.fixture(scope="module")
def shared_yard() -> Iterator[Yard]:
    """One yard for a module, with a network, a public address and a jumpbox."""
    with open_yards() as make:
        yard = make()
        yard.land("jumpbox")
        yard.jumpbox()
        yield yard
