"""Moments as text.

Takes seconds since 1970, gives text.
"""

from datetime import UTC, datetime


def utc_text(at: float) -> str:
    """To the second, in UTC, as ISO 8601 has it: the same on every machine that reads it."""
    return f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"
