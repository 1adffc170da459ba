"""What a plain scalar means: yaml.v2's rules, which are the ones operators' tools apply.

Takes text, gives a value and its kind. Source: go-yaml/yaml v2.4 resolve.go, decode.go (a timestamp stays text).
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

Scalar = None | bool | int | float | str

_INF = float("inf")
_WORDS: Mapping[str, tuple[str, Scalar]] = MappingProxyType(
    {
        **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), ("bool", True)),
        **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), ("bool", False)),
        **dict.fromkeys(("", "~", "null", "Null", "NULL"), ("null", None)),
        **dict.fromkeys((".nan", ".NaN", ".NAN"), ("float", float("nan"))),
        **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), ("float", _INF)),
        **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), ("float", -_INF)),
    }
)
_NUMBER_STARTS = frozenset("+-.0123456789")
_WHOLE = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]([0-7]+)|0([0-7]+)|(0|[1-9][0-9]*))\Z")
_BASES = (16, 2, 8, 8, 10)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_DOT_FLOAT = re.compile(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?\Z")
_BASE60 = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2}))"
    r"|(?: ([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?))?\Z"
)
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MIN_INT, _MAX_INT, _MAX_UINT = -(2**63), 2**63 - 1, 2**64 - 1
_MOST_DIGITS = len(str(_MAX_UINT))


def resolve_scalar(text: str) -> Scalar:
    """Give the value of a plain scalar."""
    return resolve_kind(text)[1]


def resolve_kind(text: str) -> tuple[str, Scalar]:
    """Give the kind ("str", "bool", "null", "int", "float", "timestamp") of a plain scalar, and its value.

    A timestamp's value is its text.
    """
    word = _WORDS.get(text)
    if word is not None:
        return word
    if text[0] not in _NUMBER_STARTS:
        return "str", text
    return _resolve_dot(text) if text[0] == "." else _resolve_number(text)


def is_read_back(text: str) -> bool:
    """Say if text written plain is read as that same text by every YAML 1.1 reader we care for."""
    return resolve_kind(text)[0] == "str" and not _BASE60.match(text)


def _resolve_dot(text: str) -> tuple[str, Scalar]:
    if not _DOT_FLOAT.match(text):
        return "str", text
    return _finite(text, text.replace("_", ""))


def _resolve_number(text: str) -> tuple[str, Scalar]:
    if _is_timestamp(text):
        return "timestamp", text
    bare = text.replace("_", "")
    whole = _whole(bare)
    if whole is not None:
        return "int", whole
    return _finite(text, bare) if _FLOAT.match(bare) else ("str", text)


def _whole(bare: str) -> int | None:
    match = _WHOLE.match(bare)
    if not match:
        return None
    sign, *digits = match.groups()
    if len(digits[-1] or "") > _MOST_DIGITS:  # Python does not read thousands of them
        return None
    number = next(int(text, base) for text, base in zip(digits, _BASES, strict=True) if text is not None)
    number = -number if sign == "-" else number
    return number if _MIN_INT <= number <= (_MAX_INT if sign else _MAX_UINT) else None


def _finite(text: str, bare: str) -> tuple[str, Scalar]:
    number = float(bare)
    return ("str", text) if abs(number) == _INF else ("float", number)


def _is_timestamp(text: str) -> bool:
    match = _TIMESTAMP.match(text)
    if not match:
        return False
    year, month, day, *clock = (int(part) if part is not None else 0 for part in match.groups())
    hours, minutes, seconds = (max(clock[i], clock[i + 3]) for i in range(3))
    return 1 <= month <= 12 and 1 <= day <= _days(year, month) and hours < 24 and minutes < 60 and seconds < 60


def _days(year: int, month: int) -> int:
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTH_DAYS[month - 1]
