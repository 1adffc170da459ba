"""What the parsers of templates and of forms read alike: marks, names, depth, and what is there instead.

Takes a string with its brackets, is read from left to right.
"""

import re
from typing import NoReturn

from director.text.arm.failures import ExpressionSyntaxError

MAX_LENGTH = 24_576
MAX_DEPTH = 60
"""Calls and what else stands within each other."""

TEXT = re.compile(r"'((?:[^']|'')*)'")
_SPACE = re.compile(r"[ \t\r\n]*")
_SHORT = 60
"""So many characters of an expression are in a message."""
_FOUND = 12


class ExpressionScanner:
    """`at` is the next character; the first one is behind the bracket.

    `called` is what messages call the string, `splitting` how to divide what is too long or too deep.
    """

    def __init__(self, text: str, *, called: str, splitting: str = "") -> None:
        self.text = text
        self.at = 1
        self._called = called
        self._splitting = splitting
        self._end = len(text) - 1
        self._depth = 0
        if len(text) > MAX_LENGTH:
            raise ExpressionSyntaxError(
                f"The expression has {len(text)} characters; the limit is {MAX_LENGTH}.",
                hint=splitting,
                column=1,
            )

    def require_end(self) -> None:
        """Report what is behind the expression."""
        self.skip_space()
        if self.at != self._end:
            self.fail("the end of the expression")

    def enter(self) -> None:
        """One level deeper; `leave` goes back."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ExpressionSyntaxError(
                f"The expression nests deeper than {MAX_DEPTH} levels.",
                hint=self._splitting,
                column=self.at + 1,
            )
        self.skip_space()

    def leave(self) -> None:
        """One level up."""
        self._depth -= 1

    def skip_space(self) -> None:
        """Go to the next character that says something."""
        space = _SPACE.match(self.text, self.at, self._end)
        self.at = space.end() if space else self.at

    def match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Read what the pattern describes, if it is there."""
        found = pattern.match(self.text, self.at, self._end)
        if found:
            self.at = found.end()
        return found

    def is_next(self, mark: str) -> bool:
        """Whether the mark is there; then it is read."""
        self.skip_space()
        is_there = self.at < self._end and self.text[self.at] == mark
        self.at += is_there
        return is_there

    def fail(self, expected: str) -> NoReturn:
        """Report what is there instead."""
        rest = self.text[self.at : self._end]
        found = f"'{_cut(rest, _FOUND)}'" if rest.strip() else "the end"
        raise ExpressionSyntaxError(
            f"Unable to parse {self._called} '{_cut(self.text, _SHORT)}': expected {expected}, found {found} "
            f"at character {self.at + 1}.",
            hint="" if rest.strip() else "Close what is open: a parenthesis, a bracket or a quote.",
            column=self.at + 1,
        )


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}..."
