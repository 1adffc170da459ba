"""The operation `remove`: a key or an item leaves; what is optional and missing is no mistake.

Takes a traced tree, changes it, gives its root. Source: cppforlife/go-patch patch/remove_op.go.
"""

from typing import assert_never

from director.text.ops import misses, paths, seek
from director.text.ops.paths import AppendToken, IndexToken, KeyToken, MatchToken, Tokens
from director.text.yaml import tree
from director.text.yaml.tree import TracedList, TracedMap


def remove_value(root: tree.Node, tokens: Tokens) -> tree.Node:
    """Remove what the path leads to, in place; give the root. Raises PathMiss."""
    if not tokens:
        raise misses.misuse("Cannot remove entire document", "Remove its keys one by one.")
    node: tree.Node = root
    for depth, token in enumerate(tokens, start=1):
        here, is_last = tokens[:depth], depth == len(tokens)
        step = _locate(node, token, here)
        if step is None:
            return root
        if is_last:
            _delete(node, step)
        else:
            node = node[step]  # type: ignore[index]  # _locate found it there
    return root


def _locate(node: tree.Node, token: paths.Token, here: Tokens) -> int | str | None:
    """The key or index the token means; None where it is optional and missing."""
    match token:
        case IndexToken():
            items = seek.as_traced_list(node, here)
            return seek.concrete_index(token.index, token.modifiers, size=len(items), here=here)
        case MatchToken():
            items = seek.as_traced_list(node, here)
            if token.is_optional and not seek.matching_indices(items, token):
                return None
            return seek.concrete_index(seek.one_match(items, token, here), token.modifiers, size=len(items), here=here)
        case KeyToken():
            entries = seek.as_traced_map(node, here)
            if token.key in entries:
                return token.key
            if token.is_optional:
                return None
            raise misses.missing_key(here, token.key, entries)
        case AppendToken():
            path = paths.describe_path(here)
            raise misses.misuse(f"Expected to not find token 'patch.AfterLastIndexToken' at path '{path}'")
        case _:
            assert_never(token)


def _delete(node: tree.Node, step: int | str) -> None:
    if isinstance(node, TracedList) and isinstance(step, int):
        del node[step]
        del node.marks[step]
    elif isinstance(node, TracedMap):
        del node[step]
        node.marks.pop(step, None)
