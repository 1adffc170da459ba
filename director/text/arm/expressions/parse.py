"""A string of a template to an expression.

Takes text, gives its parts. Source: MicrosoftDocs/azure-docs template-expressions.md @037380124557.
"""

import re
from typing import NoReturn

from director.text.arm.expressions.syntax import (
    Expression,
    FunctionCall,
    IndexAccess,
    IntegerLiteral,
    MemberAccess,
    TextLiteral,
)
from director.text.arm.failures import ExpressionSyntaxError
from director.text.arm.values import MAX_INTEGER, MIN_INTEGER

MAX_LENGTH = 24_576
MAX_DEPTH = 60
"""Function calls and indexes within each other."""

_SPACE = re.compile(r"[ \t\r\n]*")
_TEXT = re.compile(r"'((?:[^']|'')*)'")
_INTEGER = re.compile(r"-?[0-9]{1,40}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_MEMBER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]*")


def is_expression(text: str) -> bool:
    """Whether a string of a template is an expression."""
    return text.startswith("[") and text.endswith("]") and not text.startswith("[[")


def literal(text: str) -> str:
    """A string that is no expression, without the bracket that escapes it."""
    return text[1:] if text.startswith("[[") and text.endswith("]") else text


def parse_expression(text: str) -> Expression:
    """Read the expression of a string with its brackets. Raises ExpressionSyntaxError."""
    if len(text) > MAX_LENGTH:
        raise ExpressionSyntaxError(
            f"The expression has {len(text)} characters; the limit is {MAX_LENGTH}.",
            hint="Split it: give its parts as variables.",
            column=1,
        )
    scanner = _Scanner(text)
    found = scanner.value()
    scanner.skip_space()
    if scanner.at != len(text) - 1:
        scanner.fail("the end of the expression")
    return found


class _Scanner:
    """Reads from left to right; `at` is the next character, the first one is behind the bracket."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 1
        self._end = len(text) - 1
        self._depth = 0

    def value(self) -> Expression:
        """A literal, or a call and what is read from its result."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionSyntaxError(
                f"The expression nests deeper than {MAX_DEPTH} levels.",
                hint="Give its inner parts as variables.",
                column=self.at + 1,
            )
        self.skip_space()
        found = self._literal() or self._accesses(self._call())
        self._depth -= 1
        return found

    def skip_space(self) -> None:
        """Go to the next character that says something."""
        space = _SPACE.match(self.text, self.at, self._end)
        self.at = space.end() if space else self.at

    def fail(self, expected: str) -> NoReturn:
        """Report what is there instead."""
        rest = self.text[self.at : self._end]
        found = f"'{rest[:12]}{'...' if len(rest) > 12 else ''}'" if rest.strip() else "the end"
        raise ExpressionSyntaxError(
            f"Unable to parse language expression '{_short(self.text)}': expected {expected}, found {found} "
            f"at character {self.at + 1}.",
            hint="" if rest.strip() else "Close what is open: a parenthesis, a bracket or a quote.",
            column=self.at + 1,
        )

    def _literal(self) -> Expression | None:
        column = self.at + 1
        if text := self._match(_TEXT):
            return TextLiteral(text=text.group(1).replace("''", "'"), column=column)
        if number := self._match(_INTEGER):
            value = int(number.group())
            if not MIN_INTEGER <= value <= MAX_INTEGER:
                raise ExpressionSyntaxError(f"The number '{value}' has more than 64 bits.", column=column)
            return IntegerLiteral(number=value, column=column)
        return None

    def _call(self) -> Expression:
        column = self.at + 1
        name, namespace = self._name("a function, a text in single quotes or a number"), ""
        if self._is_next("."):
            name, namespace = self._name("the name of a function"), name
        if not self._is_next("("):
            self.fail(f"'(' after '{name}'")
        arguments = self._arguments()
        return FunctionCall(name=name, namespace=namespace, arguments=arguments, column=column)

    def _arguments(self) -> tuple[Expression, ...]:
        if self._is_next(")"):
            return ()
        found = [self.value()]
        while self._is_next(","):
            found.append(self.value())
        if not self._is_next(")"):
            self.fail("',' or ')'")
        return tuple(found)

    def _accesses(self, target: Expression) -> Expression:
        while True:
            self.skip_space()
            column = self.at + 1
            if self._is_next("."):
                self.skip_space()
                name = self._match(_MEMBER) or self.fail("the name of a property")
                target = MemberAccess(target=target, name=name.group(), column=column)
            elif self._is_next("["):
                index = self.value()
                if not self._is_next("]"):
                    self.fail("']'")
                target = IndexAccess(target=target, index=index, column=column)
            else:
                return target

    def _name(self, expected: str) -> str:
        self.skip_space()
        found = self._match(_NAME) or self.fail(expected)
        return found.group()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self.text, self.at, self._end)
        if found:
            self.at = found.end()
        return found

    def _is_next(self, mark: str) -> bool:
        self.skip_space()
        is_there = self.at < self._end and self.text[self.at] == mark
        self.at += is_there
        return is_there


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:60]}..."
