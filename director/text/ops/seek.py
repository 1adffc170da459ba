"""Find a value in a document by a path.

Takes a tree and tokens, gives the value or raises PathMiss. Source: cppforlife/go-patch patch/find_op.go,
array_index.go.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from director.text.ops import misses, paths
from director.text.ops.paths import AppendToken, IndexToken, KeyToken, MatchToken, Modifier, Tokens
from director.text.yaml.tree import Node, TracedList, TracedMap


def find_value(root: object, tokens: Tokens) -> object:
    """Give what the path leads to; an optional key that is missing gives None, an optional item its own beginning."""
    node = root
    for depth, token in enumerate(tokens, start=1):
        here = tokens[:depth]
        match token:
            case AppendToken():
                path = paths.describe_path(tokens)
                raise misses.misuse(
                    f"Expected not to find after last index token in path '{path}' (not supported in find operations)",
                    "Name an item by its index; -1 is the last one.",
                )
            case IndexToken():
                items = as_list(node, here)
                node = items[concrete_index(token.index, token.modifiers, size=len(items), here=here)]
            case MatchToken():
                node = _find_match(node, token, here)
            case KeyToken():
                node = _find_key(node, token, tokens=tokens, depth=depth)
    return node


def concrete_index(index: int, modifiers: tuple[Modifier, ...], *, size: int, here: Tokens) -> int:
    """Give the index that a number and its :prev and :next mean in a list of `size`, counted from 0."""
    for modifier in modifiers:
        if modifier not in {Modifier.PREV, Modifier.NEXT}:
            name = f"patch.{modifier.value.capitalize()}Modifier"
            raise misses.misuse(
                "Expected to find one of the following modifiers: 'prev', 'next', but found modifier "
                f"'{name}'"
            )  # fmt: skip
        index += 1 if modifier is Modifier.NEXT else -1
    if not -size <= index < size:
        raise misses.missing_index(here, index, size)
    return index % size


def matching_indices(items: Sequence[object], token: MatchToken) -> list[int]:
    """Give the indices of maps whose key has exactly that text."""
    return [
        index
        for index, item in enumerate(items)
        if isinstance(item, Mapping) and isinstance(found := item.get(token.key), str) and found == token.value
    ]


def one_match(items: Sequence[object], token: MatchToken, here: Tokens) -> int:
    """Give the index of the one item that matches."""
    indices = matching_indices(items, token)
    if len(indices) != 1:
        raise misses.not_one_match(here, len(indices), items)
    return indices[0]


def as_list(node: object, here: Tokens) -> Sequence[object]:
    """Give the node if it is a list."""
    if isinstance(node, (list, tuple)):
        return node
    raise misses.not_a_list(here, node)


def as_map(node: object, here: Tokens) -> Mapping[object, object]:
    """Give the node if it is a map."""
    if isinstance(node, Mapping):
        return node
    raise misses.not_a_map(here, node)


def as_traced_list(node: Node, here: Tokens) -> TracedList:
    """Give the node if it is a list that can be changed."""
    if isinstance(node, TracedList):
        return node
    raise misses.not_a_list(here, node)


def as_traced_map(node: Node, here: Tokens) -> TracedMap:
    """Give the node if it is a map that can be changed."""
    if isinstance(node, TracedMap):
        return node
    raise misses.not_a_map(here, node)


def _find_match(node: object, token: MatchToken, here: Tokens) -> object:
    items = as_list(node, here)
    if token.is_optional and not matching_indices(items, token):
        return {token.key: token.value}
    return items[concrete_index(one_match(items, token, here), token.modifiers, size=len(items), here=here)]


def _find_key(node: object, token: KeyToken, *, tokens: Tokens, depth: int) -> object:
    entries = as_map(node, tokens[:depth])
    if token.key in entries:
        return entries[token.key]
    if not token.is_optional:
        raise misses.missing_key(tokens[:depth], token.key, entries)
    if depth == len(tokens):
        return None
    return _empty_before(tokens, depth)


def _empty_before(tokens: Tokens, depth: int) -> object:
    match tokens[depth]:
        case MatchToken():
            return []
        case KeyToken():
            return {}
        case IndexToken() | AppendToken():
            path = paths.describe_path(tokens[: depth + 1])
            raise misses.misuse(f"Expected to find key or matching index token at path '{path}'")
        case _:
            assert_never(tokens[depth])
