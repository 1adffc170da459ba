"""JSON as Azure Resource Manager reads it: with comments, trailing commas, and line breaks within strings.

Takes text, gives a tree that knows where each of its pieces was written, or a plain value. Of equal keys the last one
counts: a remark.
"""

import re
from collections.abc import Callable
from typing import NoReturn, cast

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document, Remark, Source
from director.model.secret_ref import Property
from director.text.arm.failures import ExpressionError
from director.text.arm.values import Value
from director.text.yaml import tree

MAX_DEPTH = 100
_SKIPPED = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r"""(?s:"([^"\\]*+(?:\\.[^"\\]*+)*+)"|'([^'\\]*+(?:\\.[^'\\]*+)*+)')""")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_WORDS = {"true": True, "false": False, "null": None}
_MAX_DIGITS = 400
_START = 64 * 1024


@dataclass(frozen=True, slots=True)
class _Mark:
    name: str
    line: int
    column: int


class _JsonError(ValueError):
    """`at` is the offset of what is wrong."""

    def __init__(self, what: str, at: int) -> None:
        super().__init__(what)
        self.at = at


def read_document(source: Source) -> Document:
    """Read a JSON file. Codes: template-json-broken."""
    try:
        text = source.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            "template-json-broken",
            f"{source.name} is not text in UTF-8.",
            why=f"The byte at offset {error.start} is not valid.",
            fix="Save it as UTF-8.",
            where=source.name,
        ) from error
    reading = _Reading(text, source.name)
    try:
        root = reading.whole()
    except _JsonError as error:
        mark = reading.mark(error.at)
        raise InputError(
            "template-json-broken",
            f"{source.name} is not valid JSON: {error}.",
            why=f"Deployment template parse failed: line {mark.line + 1}, position {mark.column + 1}.",
            fix="Correct the text at that place; look one line above too.",
            where=str(tree.span_of(mark)),
        ) from error
    return Document(tree=cast(Property, root), spans=tree.spans_of(root, source.name), remarks=tuple(reading.remarks))


def begins_as_json(source: Source) -> bool:
    """Whether the first character that says something opens an object or an array."""
    start = _SKIPPED.match(source.content[:_START].decode(errors="replace"))
    rest = source.content[:_START].decode(errors="replace")[start.end() if start else 0 :]
    return rest[:1] in {"{", "["}


def first_comment(source: Source) -> str:
    """The place of the first comment, "" without one."""
    reading = _Reading(source.content.decode("utf-8-sig", "replace"), source.name)
    reading.whole()
    return reading.comment


def read_value(text: str) -> Value:
    """Read the JSON text that a function was given; an empty text is null. Raises ExpressionError."""
    if not text.strip():
        return None
    try:
        return _plain(_Reading(text, "").whole())
    except _JsonError as error:
        raise ExpressionError(f"The provided text is not valid JSON: {error} at character {error.at + 1}.") from error


def _plain(node: tree.Node) -> Value:
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node  # type: ignore[return-value]  # JSON has no secrets


class _Reading:
    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.at = 0
        self.remarks: list[Remark] = []
        self.comment = ""
        self._depth = 0
        self._line, self._line_start = 0, 0
        self._counted = 0

    def whole(self) -> tree.Node:
        self._skip()
        found = self._value()
        self._skip()
        if self.at < len(self.text):
            self._fail("there is more text after its end")
        return found

    def mark(self, at: int) -> _Mark:
        """The place of an offset; offsets that grow are counted once."""
        if at < self._counted:
            self._line, self._line_start, self._counted = 0, 0, 0
        breaks = self.text.count("\n", self._counted, at)
        if breaks:
            self._line += breaks
            self._line_start = self.text.rfind("\n", self._counted, at) + 1
        self._counted = at
        return _Mark(self.name, self._line, at - self._line_start)

    def _value(self) -> tree.Node:
        char = self.text[self.at : self.at + 1]
        if char == "{":
            return self._nested(self._object)
        if char == "[":
            return self._nested(self._array)
        if char in {'"', "'"} and char:
            return self._string()
        return self._number() if char and char in "-0123456789" else self._word()

    def _nested(self, read: Callable[[], tree.Node]) -> tree.Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"it nests deeper than {MAX_DEPTH} levels")
        self.at += 1
        found = read()
        self._depth -= 1
        return found

    def _object(self) -> tree.TracedMap:
        made = tree.TracedMap()
        while not self._closes("}", is_first=not made):
            mark = self.mark(self.at)
            key = self._key()
            self._skip()
            if self.text[self.at : self.at + 1] != ":":
                self._fail(f"a colon is missing after '{key}'")
            self.at += 1
            self._skip()
            if key in made:
                self._remark_duplicate(key, mark)
            made[key] = self._value()
            made.marks[key] = mark
            self._comma("}")
        return made

    def _array(self) -> tree.TracedList:
        made = tree.TracedList()
        while not self._closes("]", is_first=not made):
            made.marks.append(self.mark(self.at))
            made.append(self._value())
            self._comma("]")
        return made

    def _closes(self, close: str, *, is_first: bool) -> bool:
        self._skip()
        char = self.text[self.at : self.at + 1]
        if char == close:
            self.at += 1
            return True
        if not char:
            self._fail(f"'{close}' is missing at its end")
        return False

    def _comma(self, close: str) -> None:
        self._skip()
        char = self.text[self.at : self.at + 1]
        if char == ",":
            self.at += 1
        elif char != close:
            self._fail(f"',' or '{close}' is missing" if char else f"'{close}' is missing at its end")

    def _key(self) -> str:
        if self.text[self.at] in "\"'":
            return self._string()
        found = _WORD.match(self.text, self.at)
        if not found:
            self._fail(f"a key in quotes is expected, not '{self.text[self.at]}'")
        self.at = found.end()
        return found.group()

    def _string(self) -> str:
        found = _STRING.match(self.text, self.at)
        if not found:
            self._fail("a string is not closed")
        self.at = found.end()
        raw: str = found.group(1) if found.group(1) is not None else found.group(2)
        return _without_escapes(raw) if "\\" in raw else raw

    def _number(self) -> int | float:
        found = _NUMBER.match(self.text, self.at)
        if not found or found.end() - found.start() > _MAX_DIGITS:
            self._fail("a number is not valid")
        self.at = found.end()
        if found.group(1) or found.group(2):
            return float(found.group())
        return int(found.group())

    def _word(self) -> bool | None:
        found = _WORD.match(self.text, self.at)
        if found and found.group() in _WORDS:
            self.at = found.end()
            return _WORDS[found.group()]
        char = self.text[self.at : self.at + 1]
        return self._fail(f"a value is expected, not '{found.group() if found else char}'" if char else "it ends early")

    def _skip(self) -> None:
        found = _SKIPPED.match(self.text, self.at)
        if found and not self.comment and "/" in found.group():
            self.comment = str(tree.span_of(self.mark(self.at + found.group().index("/"))))
        self.at = found.end() if found else self.at

    def _remark_duplicate(self, key: str, mark: _Mark) -> None:
        text = f"Key '{key}' is written again in the same object: the last one counts."
        self.remarks.append(Remark(code="json-duplicate-key", text=text, where=str(tree.span_of(mark))))

    def _fail(self, what: str) -> NoReturn:
        raise _JsonError(what, min(self.at, len(self.text)))


def _without_escapes(raw: str) -> str:
    """Escaped halves of a character become that character."""
    return _ESCAPE.sub(_unescaped, raw).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _unescaped(match: re.Match[str]) -> str:
    char = match.group(1)
    return chr(int(char[1:], 16)) if len(char) > 1 else _ESCAPES.get(char, char)
