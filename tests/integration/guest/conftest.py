"""A guest of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.guest_process import GuestProcess


@pytest.fixture
def guest(tmp_path: Path) -> Iterator[GuestProcess]:
    running = GuestProcess(tmp_path).start()
    yield running
    running.close()
