"""Dates to text and back, as .NET does it in en-US.

Takes a moment and a format, gives text; takes text, gives a moment in UTC.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from director.text.arm.failures import ExpressionError

_STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "d": "M/d/yyyy",
        "D": "dddd, MMMM d, yyyy",
        "f": "dddd, MMMM d, yyyy h:mm tt",
        "F": "dddd, MMMM d, yyyy h:mm:ss tt",
        "g": "M/d/yyyy h:mm tt",
        "G": "M/d/yyyy h:mm:ss tt",
        **dict.fromkeys("mM", "MMMM d"),
        **dict.fromkeys("oO", "yyyy-MM-ddTHH:mm:ss.fffffffZ"),
        **dict.fromkeys("rR", "ddd, dd MMM yyyy HH:mm:ss 'GMT'"),
        "s": "yyyy-MM-ddTHH:mm:ss",
        "t": "h:mm tt",
        "T": "h:mm:ss tt",
        "u": "yyyy-MM-dd HH:mm:ssZ",
        "U": "dddd, MMMM d, yyyy h:mm:ss tt",
        **dict.fromkeys("yY", "MMMM yyyy"),
    }
)
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PIECE = re.compile(r"'[^']*'|\"[^\"]*\"|\\.|%|d+|f+|F+|h+|H+|m+|M+|s+|t+|y+|z+|K|g+|.", re.DOTALL)
_DATE = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[Tt ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?)?"
    r" ?([Zz]|[+-][0-9]{2}:?[0-9]{2})?\Z"
)
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})()Z\Z")

_PARTS: Mapping[str, Callable[[datetime, int], str]] = MappingProxyType(
    {
        "d": lambda at, width: (_DAYS[at.weekday()][: None if width > 3 else 3]) if width > 2 else _wide(at.day, width),
        "M": lambda at, width: (
            (_MONTHS[at.month - 1][: None if width > 3 else 3]) if width > 2 else _wide(at.month, width)
        ),
        "y": lambda at, width: _wide(at.year if width > 2 else at.year % 100, width),
        "H": lambda at, width: _wide(at.hour, width),
        "h": lambda at, width: _wide(at.hour % 12 or 12, width),
        "m": lambda at, width: _wide(at.minute, width),
        "s": lambda at, width: _wide(at.second, width),
        "t": lambda at, width: ("AM" if at.hour < 12 else "PM")[:width],
        "f": lambda at, width: f"{at.microsecond:06d}0"[:width],
        "F": lambda at, width: f"{at.microsecond:06d}0"[:width].rstrip("0"),
        "z": lambda _, width: ("+0", "+00", "+00:00")[min(width, 3) - 1],
        "K": lambda *_: "Z",
        "g": lambda *_: "A.D.",
    }
)


def format_date(moment: datetime, form: str) -> str:
    """A moment in UTC as text; `form` is a standard format of one letter, or a custom one. Raises ExpressionError."""
    if len(form) == 1 and form not in _STANDARD:
        raise ExpressionError(f"The format '{form}' of a date is not valid.", hint="Write it as 'yyyy-MM-dd'.")
    return "".join(_piece(moment, piece) for piece in _PIECE.findall(_STANDARD.get(form, form)))


def read_date(text: str) -> datetime:
    """A moment in UTC from ISO 8601, also with a space for its T, or compact. Raises ValueError."""
    found = _DATE.match(text.strip()) or _COMPACT.match(text.strip())
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction = int((found.group(7) or "0").ljust(6, "0")[:6])
    moment = datetime(year, month, day, hour, minute, second, fraction, tzinfo=UTC)
    offset = found.group(8) if found.re is _DATE else None
    return moment - _offset(offset) if offset and offset not in "Zz" else moment


def _piece(moment: datetime, piece: str) -> str:
    if piece[0] in "'\"":
        return piece[1:-1]
    if piece == "%":
        return ""
    if piece[0] == "\\":
        return piece[1:]
    part = _PARTS.get(piece[0])
    return part(moment, len(piece)) if part else piece


def _offset(text: str) -> timedelta:
    digits = text[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -size if text[0] == "-" else size


def _wide(number: int, width: int) -> str:
    return f"{number:0{width}d}"
