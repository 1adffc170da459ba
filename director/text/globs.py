"""Globs of package specs, as BOSH matches them: `*` and `?` within one name, dot files too, `**` over folders.

Takes a glob, gives a pattern for whole paths. Source: bmatcuk/doublestar v1 (vendored by cloudfoundry/bosh-cli).
"""

import posixpath
import re


class BadGlobError(ValueError):
    """The glob cannot be read; says why."""


def read_glob(glob: str) -> re.Pattern[str]:
    """Compile a glob into a pattern that whole relative paths either match or not. Raises BadGlobError."""
    names = posixpath.normpath(glob).split("/")
    pieces = ["(?:[^/]+/)*" if name == "**" else _Names(name).pattern() + "/" for name in names[:-1]]
    pieces.append(".+" if names[-1] == "**" else _Names(names[-1]).pattern())
    return re.compile("".join(pieces) + r"\Z", re.DOTALL)


class _Names:
    """Reads the pattern of one name from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def pattern(self) -> str:
        return self._sequence(ends="")

    def _sequence(self, ends: str) -> str:
        pieces: list[str] = []
        while self._at < len(self._text) and self._text[self._at] not in ends:
            pieces.append(self._piece(self._take()))
        return "".join(pieces)

    def _piece(self, char: str) -> str:
        match char:
            case "*":
                return "[^/]*"
            case "?":
                return "[^/]"
            case "\\":
                return re.escape(self._take())
            case "[":
                return self._class()
            case "{":
                return self._alternatives()
            case _:
                return re.escape(char)

    def _alternatives(self) -> str:
        choices = [self._sequence(ends=",}")]
        while self._take() == ",":
            choices.append(self._sequence(ends=",}"))
        return f"(?:{'|'.join(choices)})"

    def _class(self) -> str:
        is_negative = self._text[self._at : self._at + 1] in ("^", "!")
        self._at += is_negative
        members: list[str] = []
        while (char := self._take()) != "]":
            first = self._take() if char == "\\" else char
            members.append(self._range(first))
        if not members:
            raise BadGlobError("'[]' names no character")
        return f"(?!/)[{'^' if is_negative else ''}{''.join(members)}]"

    def _range(self, first: str) -> str:
        if self._text[self._at : self._at + 1] != "-" or self._text[self._at + 1 : self._at + 2] in ("]", ""):
            return re.escape(first)
        self._at += 1
        last = self._take()
        if last < first:
            raise BadGlobError(f"'{first}-{last}' is an empty range")
        return f"{re.escape(first)}-{re.escape(last)}"

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise BadGlobError("it ends in the middle of a '[', '{' or '\\'")
        self._at += 1
        return self._text[self._at - 1]
