"""The tree and its error codes, read once for all checks."""

from pathlib import Path

import pytest

from tests.support import error_codes, sources
from tests.support.error_codes import Raised
from tests.support.sources import Source

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session", name="sources")
def _sources() -> tuple[Source, ...]:
    """All sources of the project."""
    return sources.read_sources(ROOT)


@pytest.fixture(scope="session")
def codes(sources: tuple[Source, ...]) -> tuple[Raised, ...]:
    """All places that raise a code."""
    return error_codes.read_codes(sources)
