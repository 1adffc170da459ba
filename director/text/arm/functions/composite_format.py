"""Texts with {0}, {1,10} and {2:N0}, as .NET formats them in en-US.

Takes a pattern and values, gives text.
"""

import re

from director.text.arm.budget import check_size
from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import render
from director.text.arm.values import Value, compact_json, is_integer

_ITEM = re.compile(r"\{\{|\}\}|\{([0-9]{1,9})(?:,\s*(-?[0-9]{1,9})\s*)?(?::((?:[^{}]|\{\{|\}\})*))?\}|[{}]")
_STANDARD = re.compile(r"([A-Za-z])([0-9]{0,2})\Z")
_MAX_PRECISION = 99


def format_text(pattern: str, values: list[Value]) -> str:
    """Put the values in their places. Raises ExpressionError."""
    pieces: list[str] = []
    end = size = 0
    for match in _ITEM.finditer(pattern):
        piece = pattern[end : match.start()] + _item(match, values)
        size += len(piece)
        check_size(size)
        pieces.append(piece)
        end = match.end()
    return "".join((*pieces, pattern[end:]))


def format_number(number: int | float, form: str) -> str:
    """A number in a standard (N2, D5, X, P, ...) or custom (0.00, #,##0) format."""
    standard = _STANDARD.match(form)
    if not form or not standard:
        return _custom(number, form) if form else _plain(number)
    digits = int(standard.group(2)) if standard.group(2) else None
    return _standard(number, standard.group(1), digits)


def _item(match: re.Match[str], values: list[Value]) -> str:
    text = match.group()
    if text in {"{{", "}}"}:
        return text[0]
    if match.group(1) is None:
        raise ExpressionError("Input string was not in a correct format: a brace is not closed, or not doubled.")
    index = int(match.group(1))
    if index >= len(values):
        raise ExpressionError(
            "Index (zero based) must be greater than or equal to zero and less than the size of the argument list."
        )
    width = int(match.group(2) or 0)
    check_size(abs(width))
    shown = _value(values[index], match.group(3) or "")
    return shown.rjust(width) if width >= 0 else shown.ljust(-width)


def _value(value: Value, form: str) -> str:
    if isinstance(value, list | dict):
        return compact_json(value).replace('"', "'")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format_number(value, form)
    return render(value)


def _standard(number: int | float, letter: str, digits: int | None) -> str:
    match letter.upper():
        case "N":
            return f"{number:,.{_precision(digits, 2)}f}"
        case "F":
            return f"{number:.{_precision(digits, 2)}f}"
        case "P":
            return f"{number * 100:,.{_precision(digits, 2)}f}%"
        case "C":
            sign = "-" if number < 0 else ""
            return f"{sign}${abs(number):,.{_precision(digits, 2)}f}"
        case "E":
            return _exponent(f"{number:.{_precision(digits, 6)}{letter}}")
        case "G" | "R":
            return _plain(number)
        case "D" if isinstance(number, int):
            return ("-" if number < 0 else "") + f"{abs(number):d}".rjust(digits or 0, "0")
        case "X" if isinstance(number, int):
            plain = f"{number & (2**64 - 1):{letter}}" if number < 0 else f"{number:{letter}}"
            return plain.rjust(digits or 0, "0")
        case _:
            raise ExpressionError("Format specifier was invalid.")


def _custom(number: int | float, form: str) -> str:
    """Digits (0, #), a point, thousands (,) and percent; other characters are themselves."""
    found = re.search(r"[0#][0#,]*(?:\.[0#]+)?", form)
    if not found:
        return form
    whole, _, part = found.group().partition(".")
    scaled = number * 100 if "%" in form else number
    places = len(part)
    text = f"{abs(scaled):{',' if ',' in whole else ''}.{places}f}"
    head, _, tail = text.partition(".")
    tail = tail[: part.rfind("0") + 1] + tail[part.rfind("0") + 1 :].rstrip("0")
    head = head.rjust(whole.count("0"), "0") if head != "0" or "0" in whole else ""
    shown = head + (f".{tail}" if tail else "")
    return ("-" if scaled < 0 else "") + form[: found.start()] + shown + form[found.end() :]


def _plain(number: int | float) -> str:
    return render(number) if is_integer(number) else f"{number:g}"


def _exponent(text: str) -> str:
    """.NET writes at least three digits of an exponent."""
    return re.sub(r"([eE][+-])([0-9]+)\Z", lambda found: found.group(1) + found.group(2).rjust(3, "0"), text)


def _precision(digits: int | None, usual: int) -> int:
    return usual if digits is None else min(digits, _MAX_PRECISION)
