"""Globs of package specs, as BOSH matches them: `*` and `?` within one name, dot files too, `**` over folders.

Takes a glob, gives a pattern for whole paths. Source: bmatcuk/doublestar v1 (vendored by cloudfoundry/bosh-cli).
"""

import posixpath
import re


class BadGlobError(ValueError):
    """The glob cannot be read; says why."""


_MAX_SPELLINGS = 1000
_STAR = "*"
_FOLDERS = "(?:[^/]+/)*"

_Spelling = tuple[str, ...]
"""A name without braces: stars, and patterns that match one character each."""


def read_glob(glob: str) -> re.Pattern[str]:
    """Compile a glob into a pattern that whole relative paths either match or not. Raises BadGlobError.

    What stands before the next star is taken where it first fits and never looked for again: that is enough, because
    each piece between stars has a fixed length. So a path costs time in proportion to its length.
    """
    *folders, last = posixpath.normpath(glob).split("/")
    text, run, is_free = "", "", False
    for name in folders:
        if name == "**":
            text, run, is_free = text + _placed(run, is_free), "", True
        else:
            run += _name_pattern(name) + "/"
    if last == "**":
        text += _placed(run, is_free) + ".+"
    else:
        text += (_FOLDERS if is_free else "") + run + _name_pattern(last)
    return re.compile(text + r"\Z", re.DOTALL)


def _placed(run: str, is_free: bool) -> str:
    """Folders in a row; free ones may begin at any depth, and are taken where they first fit."""
    return f"(?>{_FOLDERS}?{run})" if is_free and run else run


def _name_pattern(name: str) -> str:
    return f"(?:{'|'.join(map(_spelling_pattern, _NamePattern(name).spellings()))})"


def _spelling_pattern(spelling: _Spelling) -> str:
    first, *others = _split(spelling)
    if not others:
        return first
    *middle, last = others
    return first + "".join(f"(?>[^/]*?{piece})" for piece in middle if piece) + "[^/]*" + last


def _split(spelling: _Spelling) -> list[str]:
    """What stands between the stars."""
    pieces = [""]
    for item in spelling:
        if item == _STAR:
            pieces.append("")
        else:
            pieces[-1] += item
    return pieces


class _NamePattern:
    """Reads the pattern of one name from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def spellings(self) -> list[_Spelling]:
        """The name with each choice of its braces."""
        return self._sequence(ends="")

    def _sequence(self, ends: str) -> list[_Spelling]:
        found: list[_Spelling] = [()]
        while self._at < len(self._text) and self._text[self._at] not in ends:
            choices = self._piece(self._take())
            if len(found) * len(choices) > _MAX_SPELLINGS:
                raise BadGlobError(f"its braces give more than {_MAX_SPELLINGS} names")
            found = [before + choice for before in found for choice in choices]
        return found

    def _piece(self, char: str) -> list[_Spelling]:
        match char:
            case "*":
                return [(_STAR,)]
            case "?":
                return [("[^/]",)]
            case "\\":
                return [(re.escape(self._take()),)]
            case "[":
                return [(self._class(),)]
            case "{":
                return self._alternatives()
            case _:
                return [(re.escape(char),)]

    def _alternatives(self) -> list[_Spelling]:
        choices = self._sequence(ends=",}")
        while self._take() == ",":
            choices += self._sequence(ends=",}")
        return choices

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
