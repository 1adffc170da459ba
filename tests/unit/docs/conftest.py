"""The error codes of the sources, read once for all tests of pages."""

from pathlib import Path

import pytest

from tests.support import error_codes
from tests.support.error_codes import Raised


@pytest.fixture(scope="session")
def codes() -> tuple[Raised, ...]:
    """All places that raise a code."""
    return error_codes.read_codes(Path(__file__).parents[3])
