"""A string of a template to an expression.

Takes text, gives its parts. Source: MicrosoftDocs/azure-docs template-expressions.md @037380124557.
"""

import re

from director.text.arm.expressions.scanner import TEXT, ExpressionScanner
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
    scanner = _Scanner(text, called="language expression", splitting="Give its parts as variables.")
    found = scanner.value()
    scanner.require_end()
    return found


class _Scanner(ExpressionScanner):
    """Calls, what is read from their results, and literals."""

    def value(self) -> Expression:
        """A literal, or a call and what is read from its result."""
        self.enter()
        found = self._literal() or self._accesses(self._call())
        self.leave()
        return found

    def _literal(self) -> Expression | None:
        column = self.at + 1
        if text := self.match(TEXT):
            return TextLiteral(text=text.group(1).replace("''", "'"), column=column)
        if number := self.match(_INTEGER):
            value = int(number.group())
            if not MIN_INTEGER <= value <= MAX_INTEGER:
                raise ExpressionSyntaxError(f"The number '{value}' has more than 64 bits.", column=column)
            return IntegerLiteral(number=value, column=column)
        return None

    def _call(self) -> Expression:
        column = self.at + 1
        name, namespace = self._name("a function, a text in single quotes or a number"), ""
        if self.is_next("."):
            name, namespace = self._name("the name of a function"), name
        if not self.is_next("("):
            self.fail(f"'(' after '{name}'")
        arguments = self._arguments()
        return FunctionCall(name=name, namespace=namespace, arguments=arguments, column=column)

    def _arguments(self) -> tuple[Expression, ...]:
        if self.is_next(")"):
            return ()
        found = [self.value()]
        while self.is_next(","):
            found.append(self.value())
        if not self.is_next(")"):
            self.fail("',' or ')'")
        return tuple(found)

    def _accesses(self, target: Expression) -> Expression:
        while True:
            self.skip_space()
            column = self.at + 1
            if self.is_next("."):
                self.skip_space()
                name = self.match(_MEMBER) or self.fail("the name of a property")
                target = MemberAccess(target=target, name=name.group(), column=column)
            elif self.is_next("["):
                index = self.value()
                if not self.is_next("]"):
                    self.fail("']'")
                target = IndexAccess(target=target, index=index, column=column)
            else:
                return target

    def _name(self, expected: str) -> str:
        self.skip_space()
        found = self.match(_NAME) or self.fail(expected)
        return found.group()
