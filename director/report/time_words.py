"""Moments as text.

Takes seconds since 1970, gives text.
"""

from datetime import UTC, datetime


def utc_text(at: float) -> str:
    """To the second, in UTC, as ISO 8601 has it: the same on every machine that reads it."""
    return f"{datetime.fromtimestamp(at, tz=UTC):%Y-%m-%dT%H:%M:%SZ}"


def span_text(seconds: float) -> str:
    """A span of time in its two largest units, rounded to whole seconds: "3 h 20 min", "40 s"."""
    left = max(0, round(seconds))
    for size_s, word, part_s, part in _UNITS:
        if left >= size_s:
            rest = left % size_s // part_s
            return f"{left // size_s} {word}" + (f" {rest} {part}" if rest else "")
    return f"{left} s"


_UNITS = ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s"))
"""Seconds and word of a unit, and of the one below it."""
