"""Texts on which a pattern would be slow, if it could be: each of its repetitions pumped up, then made to fail.

Takes a pattern, gives texts of a wanted length. For each repetition it writes what leads there, then what repeats as
often as fits (in several spellings, also mixed ones), then something that keeps the whole from matching.
"""

import re
import re._constants as opcode  # type: ignore[import-not-found]  # no stubs
import re._parser as parser  # type: ignore[import-not-found]
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_FAILING = ("", "\x00", "\n", " ")
_LONG = 16  # what repeats less often cannot be pumped up
_ALPHABET = [chr(number) for number in (*range(0x30, 0x7F), *range(0x20, 0x30), 0x0A, 0x09, 0xE9, 0x20AC)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pump:
    lead: str
    repeated: str


def slow_texts(pattern: str, flags: int, size: int) -> Iterator[str]:
    """Every text to time the pattern with, each of about `size` characters."""
    tree = parser.parse(pattern, flags)
    pumps = {_Pump(lead="", repeated=char) for char in _samples(list(tree))[:4]}
    pumps |= set(_pumps(list(tree), ""))
    for pump in sorted(pumps, key=lambda pump: (pump.lead, pump.repeated)):
        if pump.repeated:
            body = pump.repeated * (size // len(pump.repeated))
            yield from (pump.lead + body + failing for failing in _FAILING)
            again = pump.lead + pump.repeated
            yield again * (size // len(again))


def _pumps(items: list[Any], lead: str) -> Iterator[_Pump]:
    """A pump for each repetition below, behind what a match would have read by then."""
    for place, (kind, argument) in enumerate(items):
        before = lead + _sample(items[:place])
        if kind in (opcode.MAX_REPEAT, opcode.MIN_REPEAT, opcode.POSSESSIVE_REPEAT):
            _, most, body = argument
            if most > _LONG:
                yield from (_Pump(lead=before, repeated=text) for text in _samples(list(body)))
            yield from _pumps(list(body), before)
        elif kind is opcode.SUBPATTERN:
            yield from _pumps(list(argument[3]), before)
        elif kind is opcode.BRANCH:
            for branch in argument[1]:
                yield from _pumps(list(branch), before)
        elif kind in (opcode.ASSERT, opcode.ASSERT_NOT):
            yield from _pumps(list(argument[1]), before)
        elif kind is opcode.ATOMIC_GROUP:
            yield from _pumps(list(argument), before)


def _sample(items: list[Any]) -> str:
    return next(iter(_samples(items)), "")


def _samples(items: list[Any]) -> list[str]:
    """Some texts that the items match; the first is the plainest."""
    texts = [""]
    for kind, argument in items:
        texts = [text + choice for text in texts for choice in _choices(kind, argument)][:6]
    return texts


def _choices(kind: Any, argument: Any) -> list[str]:
    if kind in (opcode.MAX_REPEAT, opcode.MIN_REPEAT, opcode.POSSESSIVE_REPEAT):
        least, most, body = argument
        return [text * max(least, min(1, most)) for text in _samples(list(body))]
    if kind is opcode.SUBPATTERN:
        return _samples(list(argument[3]))
    if kind is opcode.ATOMIC_GROUP:
        return _samples(list(argument))
    if kind is opcode.BRANCH:
        return [text for branch in argument[1] for text in _samples(list(branch))[:2]]
    if kind in (opcode.AT, opcode.ASSERT, opcode.ASSERT_NOT, opcode.GROUPREF):
        return [""]
    return _characters(kind, argument)


def _characters(kind: Any, argument: Any) -> list[str]:
    """A few of the characters that one item of a pattern matches, as different as possible."""
    if kind is opcode.LITERAL:
        return [chr(argument)]
    if kind is opcode.ANY:
        return ["a", " "]
    text = _written(kind, argument)
    matching = [char for char in _ALPHABET if re.fullmatch(text, char)]
    return [*matching[:1], *matching[len(matching) // 2 : len(matching) // 2 + 1], *matching[-1:]] or [""]


def _written(kind: Any, argument: Any) -> str:
    """The item as the text of a pattern again."""
    if kind is opcode.NOT_LITERAL:
        return f"[^{re.escape(chr(argument))}]"
    assert kind is opcode.IN, kind
    words = {
        opcode.CATEGORY_DIGIT: r"\d", opcode.CATEGORY_NOT_DIGIT: r"\D", opcode.CATEGORY_SPACE: r"\s",
        opcode.CATEGORY_NOT_SPACE: r"\S", opcode.CATEGORY_WORD: r"\w", opcode.CATEGORY_NOT_WORD: r"\W",
    }  # fmt: skip
    members = []
    for member, value in argument:
        if member is opcode.NEGATE:
            members.append("^")
        elif member is opcode.RANGE:
            members.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        else:
            members.append(words[value] if member is opcode.CATEGORY else re.escape(chr(value)))
    return f"[{''.join(members)}]"
