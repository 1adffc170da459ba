"""The executable under test."""

from pathlib import Path

import pytest

from tests.support.cpi_script import Script


@pytest.fixture
def script(tmp_path: Path) -> Script:
    return Script(folder=tmp_path)
