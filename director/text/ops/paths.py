"""The paths of ops files: /instance_groups/name=web?/jobs/-.

Takes text, gives tokens, and back. Source: cppforlife/go-patch patch/pointer.go, as bosh-cli vendors it.
"""

import re
from collections.abc import Sequence
from enum import Enum

from cpi.contract.value_classes import dataclass


class Modifier(Enum):
    PREV = "prev"
    NEXT = "next"
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexToken:
    """An item by its number; negative ones count from the end."""

    index: int
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AppendToken:
    """The place after the last item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchToken:
    """The one item whose `key` has the text `value`."""

    key: str
    value: str
    is_optional: bool = False
    modifiers: tuple[Modifier, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyToken:
    """A map's key."""

    key: str
    is_optional: bool = False


Token = IndexToken | AppendToken | MatchToken | KeyToken
Tokens = tuple[Token, ...]

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_MAX_TOKENS = 200  # as deep as a document may nest
_UNESCAPES = {"~0": "~", "~1": "/", "~7": ":"}
_ESCAPES = {"~": "~0", "/": "~1", ":": "~7"}


class PathTextError(ValueError):
    """The text is no path; the message is the reference tool's."""


def read_path(text: str) -> Tokens:
    """Read a path; "" is the whole document and has no tokens. Raises PathTextError."""
    if not text:
        return ()
    if not text.startswith("/"):
        raise PathTextError("Expected to start with '/'")
    pieces = text.split("/")[1:]
    if len(pieces) > _MAX_TOKENS:
        raise PathTextError(f"Expected at most {_MAX_TOKENS} steps, but found {len(pieces)}")
    tokens: list[Token] = []
    is_optional = False
    for number, piece in enumerate(pieces, start=1):
        token = _read_token(piece, is_last=number == len(pieces), is_optional=is_optional)
        is_optional = is_optional or (isinstance(token, KeyToken | MatchToken) and token.is_optional)
        tokens.append(token)
    return tuple(tokens)


def describe_path(tokens: Sequence[Token]) -> str:
    """Give the path as text; only the first optional token shows its question mark."""
    words: list[str] = [""]
    is_optional = False
    for token in tokens:
        mark = ""
        if isinstance(token, KeyToken | MatchToken) and token.is_optional and not is_optional:
            mark, is_optional = "?", True
        words.append(_describe_token(token, mark))
    return "/".join(words)


def escape(word: str) -> str:
    """Escape a key or value for use in a path."""
    return re.sub("[~/:]", lambda match: _ESCAPES[match.group()], word)


def _read_token(piece: str, *, is_last: bool, is_optional: bool) -> Token:
    word, *names = piece.split(":")
    modifiers = _read_modifiers(names)
    if is_last and word == "-":
        if modifiers:
            raise PathTextError("Expected not to find any modifiers with after last index token")
        return AppendToken()
    if _INTEGER.match(word):
        return IndexToken(index=int(word), modifiers=modifiers)
    if word.endswith("?"):
        is_optional, word = True, word[:-1]
    key, equals, value = word.partition("=")
    if equals:
        return MatchToken(key=_unescape(key), value=_unescape(value), is_optional=is_optional, modifiers=modifiers)
    if modifiers:
        raise PathTextError("Expected not to find any modifiers with key token")
    return KeyToken(key=_unescape(word), is_optional=is_optional)


def _read_modifiers(names: list[str]) -> tuple[Modifier, ...]:
    if not names:
        return ()
    known = {modifier.value: modifier for modifier in Modifier}
    if any(name not in known for name in names):
        raise PathTextError(
            "Expected to find one of the following modifiers: 'prev', 'next', 'before', or 'after'"
            f" but found '{names[0]}'"
        )
    return tuple(known[name] for name in names)


def _unescape(word: str) -> str:
    return re.sub("~[017]", lambda match: _UNESCAPES[match.group()], word)


def _describe_token(token: Token, mark: str) -> str:
    match token:
        case IndexToken():
            return f"{token.index}{_describe_modifiers(token.modifiers)}"
        case AppendToken():
            return "-"
        case MatchToken():
            words = f"{escape(token.key)}={escape(token.value)}{mark}"
            return words + _describe_modifiers(token.modifiers)
        case KeyToken():
            return escape(token.key) + mark


def _describe_modifiers(modifiers: tuple[Modifier, ...]) -> str:
    return "".join(f":{modifier.value}" for modifier in modifiers)
