"""A string of a createUiDefinition.json to an expression: a smaller language than that of templates.

Takes text, gives its parts. Beside calls and texts it has fractions, arrays, objects, true, false, null and lambdas.
Source: MicrosoftDocs/azure-docs managed-applications/create-uidefinition-functions.md @072936794779.
"""

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from cpi.contract.value_classes import dataclass
from director.text.arm.expressions.scanner import TEXT, ExpressionScanner
from director.text.arm.values import Value

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LAMBDA = re.compile(
    r"\([ \t]*+([A-Za-z_][A-Za-z0-9_]*+)[ \t]*+\)[ \t]*+=>|(?<![A-Za-z0-9_])([A-Za-z_][A-Za-z0-9_]*+)[ \t]*+=>"
)
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant:
    """A text, a number, true, false or null."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrayParts:
    """[a, b]"""

    items: tuple["FormExpression", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectParts:
    """{"name": a}"""

    members: tuple[tuple[str, "FormExpression"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledFunction:
    """name(a, b); `column` counts from 1 in the string."""

    name: str
    arguments: tuple["FormExpression", ...]
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedItem:
    """A lambda's own name."""

    name: str
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """target.name or target[key]"""

    target: "FormExpression"
    key: "FormExpression"
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFunction:
    """item => body"""

    item: str
    body: "FormExpression"


FormExpression = Constant | ArrayParts | ObjectParts | CalledFunction | NamedItem | Selection | ItemFunction


def is_expression(text: str) -> bool:
    """Whether a string of a form is an expression."""
    return text.startswith("[") and text.endswith("]") and len(text) > 2


def parse_expression(text: str) -> FormExpression:
    """Read the expression of a string with its brackets. Raises ExpressionSyntaxError."""
    scanner = _FormScanner(text, called="the expression")
    found = scanner.value()
    scanner.require_end()
    return found


class _FormScanner(ExpressionScanner):
    """Literals, calls and names, arrays, objects and lambdas, and what is read from them."""

    def value(self) -> FormExpression:
        """A literal, a call or a name, and what is read from it."""
        self.enter()
        found = self._selected(self._literal() or self._lambda() or self._collection() or self._named())
        self.leave()
        return found

    def _literal(self) -> FormExpression | None:
        if text := self.match(TEXT):
            return Constant(value=text.group(1).replace("''", "'"))
        if quoted := self.match(_QUOTED):
            return Constant(value=re.sub(r"\\(.)", r"\1", quoted.group(1)))
        if number := self.match(_NUMBER):
            return Constant(value=float(number.group()) if number.group(1) else int(number.group()))
        return None

    def _lambda(self) -> FormExpression | None:
        found = self.match(_LAMBDA)
        return ItemFunction(item=found.group(1) or found.group(2), body=self.value()) if found else None

    def _collection(self) -> FormExpression | None:
        if self.is_next("["):
            return ArrayParts(items=tuple(self._listed("]", self.value)))
        if self.is_next("{"):
            return ObjectParts(members=tuple(self._listed("}", self._member)))
        return None

    def _member(self) -> tuple[str, FormExpression]:
        self.skip_space()
        name = self.match(_QUOTED) or self.match(TEXT)
        if name is None or not self.is_next(":"):
            self.fail('"name": value')
        return name.group(1), self.value()

    def _named(self) -> FormExpression:
        column = self.at + 1
        name = (self.match(_NAME) or self.fail("a function, a text in single quotes or a number")).group()
        if self.is_next("("):
            return CalledFunction(name=name, arguments=tuple(self._listed(")", self.value)), column=column)
        return Constant(value=_WORDS[name]) if name in _WORDS else NamedItem(name=name, column=column)

    def _listed(self, closing: str, read: Callable[[], _T]) -> Iterator[_T]:
        """What stands between commas up to the closing mark."""
        if self.is_next(closing):
            return
        yield read()
        while self.is_next(","):
            yield read()
        if not self.is_next(closing):
            self.fail(f"',' or '{closing}'")

    def _selected(self, target: FormExpression) -> FormExpression:
        while True:
            self.skip_space()
            column = self.at + 1
            if self.is_next("."):
                name = self.match(_NAME) or self.fail("the name of a property")
                target = Selection(target=target, key=Constant(value=name.group()), column=column)
            elif self.is_next("["):
                key = self.value()
                if not self.is_next("]"):
                    self.fail("']'")
                target = Selection(target=target, key=key, column=column)
            else:
                return target
