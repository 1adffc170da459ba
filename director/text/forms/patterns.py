r"""Regular expressions that others wrote: checked before use, so that none takes longer than its text is worth.

Takes patterns, gives whether a text has them. A repetition within a repetition can take exponential time, and so can
alternatives within one. They are accepted if something stands between two rounds that the inner one does not match,
as the dot in ([a-z]+\.)+ does.
"""

import importlib
import re
from collections.abc import Iterator, Sequence
from typing import Any

from director.text.arm.failures import ExpressionError

MAX_PATTERN = 1000
MAX_TEXT = 1000
"""Longer answers are cut for the search: a square of it is still a moment."""
_UNBOUNDED = 32
_parser = importlib.import_module("re._parser")  # the only reader of Python's own patterns
codes = importlib.import_module("re._constants")
_NAMED_GROUP = re.compile(r"\(\?<(?=[A-Za-z_])")

_REPEATS = frozenset({codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT})
_Parts = Sequence[tuple[Any, Any]]


def is_found(pattern: str, text: str) -> bool:
    """Whether the pattern, which check_pattern accepts, is found in the text."""
    return re.search(_python(pattern), text[:MAX_TEXT]) is not None


def check_pattern(pattern: str) -> None:
    """Raise ExpressionError for a pattern that is not valid, or that could take too long."""
    if len(pattern) > MAX_PATTERN:
        raise ExpressionError(f"The pattern has {len(pattern)} characters; the limit is {MAX_PATTERN}.")
    try:
        parsed: _Parts = _parser.parse(_python(pattern))
    except (re.error, OverflowError, RecursionError) as error:
        raise ExpressionError(f"The pattern '{pattern[:60]}' is not valid: {error}.") from error
    for body in _repeated(parsed):
        inner = list(_varying(body))
        if inner and not _is_separated(body, inner):
            raise ExpressionError(
                f"The pattern '{pattern[:60]}' repeats a repetition, so that it could take forever.",
                hint="Write it with one repetition, or with a fixed character between the rounds.",
            )


def _python(pattern: str) -> str:
    """JavaScript's names of groups in Python's way."""
    return _NAMED_GROUP.sub("(?P<", pattern)


def _repeated(parts: _Parts) -> Iterator[_Parts]:
    """The bodies of all repetitions without a small limit, the outer ones first."""
    for code, argument in parts:
        if code in _REPEATS:
            _, most, body = argument
            if most > _UNBOUNDED:
                yield body
            yield from _repeated(body)
        else:
            for inner in _within(code, argument):
                yield from _repeated(inner)


def _varying(parts: _Parts) -> Iterator[_Parts]:
    """The parts in it that can match in several ways: alternatives, and what is repeated any number of times."""
    for code, argument in parts:
        if code in _REPEATS:
            least, most, body = argument
            if least != most:
                yield body
            yield from _varying(body)
            continue
        if code is codes.BRANCH:
            yield from argument[1]
        for inner in _within(code, argument):
            yield from _varying(inner)


def _within(code: Any, argument: Any) -> list[_Parts]:
    match code:
        case codes.SUBPATTERN:
            return [argument[3]]
        case codes.BRANCH:
            return list(argument[1])
        case codes.ASSERT | codes.ASSERT_NOT:
            return [argument[1]]
        case codes.ATOMIC_GROUP:
            return [argument]
        case codes.GROUPREF_EXISTS:
            return [each for each in argument[1:] if each is not None]
        case _:
            return []


def _is_separated(body: _Parts, inner: Sequence[_Parts]) -> bool:
    """Whether each round has a character of its own that no inner repetition takes."""
    fixed = [argument for code, argument in _flat(body) if code is codes.LITERAL]
    return any(not any(_takes(part, each) for parts in inner for part in _flat(parts)) for each in fixed)


def _flat(parts: _Parts) -> Iterator[tuple[Any, Any]]:
    """Parts in a row, those of plain groups included."""
    for code, argument in parts:
        if code is codes.SUBPATTERN:
            yield from _flat(argument[3])
        else:
            yield code, argument


def _takes(part: tuple[Any, Any], character: int) -> bool:
    """Whether a part may match the character; True where that is not known."""
    code, argument = part
    if code in _REPEATS:
        return any(_takes(each, character) for each in _flat(argument[2]))
    match code:
        case codes.AT:
            return False
        case codes.BRANCH:
            return any(_takes(each, character) for parts in argument[1] for each in _flat(parts))
        case codes.LITERAL:
            return bool(argument == character)
        case codes.NOT_LITERAL:
            return bool(argument != character)
        case codes.RANGE:
            return bool(argument[0] <= character <= argument[1])
        case codes.CATEGORY:
            return _of_category(argument, chr(character))
        case codes.IN:
            is_negated = argument[0][0] is codes.NEGATE
            found = any(_takes(each, character) for each in argument[is_negated:])
            return found is not is_negated
        case _:
            return True


def _of_category(category: Any, character: str) -> bool:
    letters = {codes.CATEGORY_DIGIT: "d", codes.CATEGORY_NOT_DIGIT: "D", codes.CATEGORY_SPACE: "s"}
    letters |= {codes.CATEGORY_NOT_SPACE: "S", codes.CATEGORY_WORD: "w", codes.CATEGORY_NOT_WORD: "W"}
    return re.match(f"\\{letters[category]}", character) is not None if category in letters else True
