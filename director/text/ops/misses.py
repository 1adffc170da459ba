"""What can go wrong on the way along a path, in the reference tool's words.

Takes what was looked for and what was found, gives a PathMiss. Source: cppforlife/go-patch patch/errs.go.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum

from director.text import nearest
from director.text.ops import paths
from director.text.ops.paths import Tokens


class Kind(Enum):
    """Codes of the explained error that a miss becomes."""

    MISSING = "ops-path-missing"
    WRONG_TYPE = "ops-path-type"
    MISUSE = "ops-path-misuse"
    TEST = "ops-test-failed"


class PathMiss(Exception):
    """The path does not lead on. `why` and `fix` are ours, the message is the reference tool's.

    `is_absent_at` is the path at which a key or index is missing, None for other misses.
    """

    def __init__(self, kind: Kind, what: str, *, why: str = "", fix: str = "", is_absent_at: str | None = None) -> None:
        super().__init__(what)
        self.kind = kind
        self.what = what
        self.why = why
        self.fix = fix
        self.is_absent_at = is_absent_at


def missing_key(tokens: Tokens, key: str, node: Collection[object]) -> PathMiss:
    """The map has no such key."""
    names = sorted(name for name in node if isinstance(name, str))
    path = paths.describe_path(tokens)
    siblings = "found map keys: '" + "', '".join(names) + "'" if node else "found no other map keys"
    near = nearest.nearest_word(key, names)
    return PathMiss(
        Kind.MISSING,
        f"Expected to find a map key '{key}' for path '{path}' ({siblings})",
        why=f"The path leads as far as {_parent(tokens)}.",
        fix=(f"Did you mean '{near}'? " if near else "") + f"Correct the path; to make a new key write '{path}?'.",
        is_absent_at=path,
    )


def missing_index(tokens: Tokens, index: int, size: int) -> PathMiss:
    """The list is too short."""
    path = paths.describe_path(tokens)
    return PathMiss(
        Kind.MISSING,
        f"Expected to find array index '{index}' but found array of length '{size}' for path '{path}'",
        why=f"The path leads as far as {_parent(tokens)}, a list of {size}.",
        fix="Count from 0, or from the end with -1; append with '-'.",
        is_absent_at=path,
    )


def not_one_match(tokens: Tokens, found: int, node: Sequence[object]) -> PathMiss:
    """No item matches, or several do."""
    token = tokens[-1]
    assert isinstance(token, paths.MatchToken)
    values = [item.get(token.key) for item in node if isinstance(item, Mapping)]
    texts = [value for value in values if isinstance(value, str)]
    near = nearest.nearest_word(token.value, texts) if not found else ""
    listed = ", ".join(f"'{text}'" for text in texts[:12]) or "none"
    path = paths.describe_path(tokens)
    return PathMiss(
        Kind.MISSING,
        f"Expected to find exactly one matching array item for path '{path}' but found {found}",
        why=f"The path leads as far as {_parent(tokens)}, whose items have '{token.key}': {listed}.",
        fix=_match_fix(near, found),
    )


def not_a_list(tokens: Tokens, node: object) -> PathMiss:
    """A list is needed here."""
    return _wrong_type(tokens, node, "an array")


def not_a_map(tokens: Tokens, node: object) -> PathMiss:
    """A map is needed here."""
    return _wrong_type(tokens, node, "a map")


def misuse(what: str, fix: str = "") -> PathMiss:
    """The path asks for what this operation cannot do."""
    return PathMiss(Kind.MISUSE, what, fix=fix or "Write the path without it.")


def go_type(node: object) -> str:
    """The name the reference tool has for a value's type."""
    match node:
        case None:
            return "<nil>"
        case bool():
            return "bool"
        case int():
            return "int" if -(2**63) <= node < 2**63 else "uint64"
        case float():
            return "float64"
        case Mapping():
            return "map[interface {}]interface {}"
        case list() | tuple():
            return "[]interface {}"
        case _:
            return "string"


def plain_type(node: object) -> str:
    """The name people have for a value's type."""
    names = {"<nil>": "nothing (null)", "string": "text", "bool": "a boolean"}
    kind = go_type(node)
    if kind.startswith("map"):
        return "a map"
    return "a list" if kind.startswith("[]") else names.get(kind, "a number")


def _wrong_type(tokens: Tokens, node: object, wanted: str) -> PathMiss:
    return PathMiss(
        Kind.WRONG_TYPE,
        f"Expected to find {wanted} at path '{paths.describe_path(tokens)}' but found '{go_type(node)}'",
        why=f"At {_parent(tokens)} there is {plain_type(node)}.",
        fix="Correct the path, or replace the value above it first.",
    )


def _parent(tokens: Tokens) -> str:
    return paths.describe_path(tokens[:-1]) or "the top of the document"


def _match_fix(near: str, found: int) -> str:
    if found:
        return "Use another key that tells the items apart, or an index."
    hint = f"Did you mean '{near}'? " if near else ""
    return hint + "Correct the path; to make a new item put '?' after the value."
