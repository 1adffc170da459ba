"""Ends of environments as people write them: "8h" from now, or a moment.

Takes text, gives seconds.
"""

import re
from datetime import UTC, datetime

_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})"
WRITTEN = rf"^([1-9][0-9]{{0,6}}(s|min|m|h|d)|{_MOMENT})$"
"""A span, or a moment as ISO 8601 has it, with its offset from UTC."""

_SPAN = re.compile(r"([1-9][0-9]{0,6})(s|min|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}
_LONGEST_S = 10 * 366 * 86400.0


def read_span(text: str) -> float | None:
    """Seconds of a span such as 90min, 8h or 2d; None for another text, and for more than ten years."""
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    seconds = float(int(found[1]) * _SECONDS[found[2]])
    return seconds if seconds <= _LONGEST_S else None


def read_end(text: str, *, now: float) -> float | None:
    """Seconds since 1970 of a moment, or of a span from `now`; None for another text."""
    span_s = read_span(text)
    if span_s is not None:
        return now + span_s
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment.astimezone(UTC).timestamp()
