"""The cloud under test."""

from pathlib import Path

import pytest

from tests.contract.cloud.clouds import CLOUDS, Subject


@pytest.fixture(params=CLOUDS)
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Subject:
    """One after the other, each fresh."""
    return CLOUDS[request.param](tmp_path)
