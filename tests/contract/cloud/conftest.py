"""The cloud under test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.cloud.clouds import CLOUDS, OPENED
from tests.contract.cloud.subjects import Subject


@pytest.fixture(params=[*CLOUDS, *OPENED])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    """One after the other, each fresh."""
    if request.param in CLOUDS:
        yield CLOUDS[request.param](tmp_path)
        return
    with OPENED[request.param](tmp_path) as opened:
        yield opened
