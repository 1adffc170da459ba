"""The parts of an expression, each with its column.

Takes nothing, gives frozen values. Columns count from 1, where 1 is the opening bracket.
"""

from collections.abc import Iterator
from typing import assert_never

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLiteral:
    """'text', without its quotes."""

    text: str
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerLiteral:
    """A whole number."""

    number: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCall:
    """name(...), or namespace.name(...) of the template's own functions."""

    name: str
    arguments: tuple["Expression", ...]
    column: int
    namespace: str = ""

    @property
    def whole_name(self) -> str:
        """The name as it was written."""
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberAccess:
    """target.name"""

    target: "Expression"
    name: str
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexAccess:
    """target[index]"""

    target: "Expression"
    index: "Expression"
    column: int


Expression = TextLiteral | IntegerLiteral | FunctionCall | MemberAccess | IndexAccess


def each_call(expression: Expression) -> Iterator[FunctionCall]:
    """All function calls in an expression, outer before inner."""
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        if isinstance(part, FunctionCall):
            yield part
        waiting.extend(reversed(_parts(part)))


def describe(expression: Expression) -> str:
    """The expression as text, without brackets around it."""
    match expression:
        case TextLiteral(text=text):
            return "'" + text.replace("'", "''") + "'"
        case IntegerLiteral(number=number):
            return str(number)
        case FunctionCall(arguments=arguments):
            return f"{expression.whole_name}({', '.join(describe(each) for each in arguments)})"
        case MemberAccess(target=target, name=name):
            return f"{describe(target)}.{name}"
        case IndexAccess(target=target, index=index):
            return f"{describe(target)}[{describe(index)}]"
        case _:
            assert_never(expression)


def _parts(expression: Expression) -> tuple[Expression, ...]:
    match expression:
        case TextLiteral() | IntegerLiteral():
            return ()
        case FunctionCall(arguments=arguments):
            return arguments
        case MemberAccess(target=target):
            return (target,)
        case IndexAccess(target=target, index=index):
            return (target, index)
        case _:
            assert_never(expression)
