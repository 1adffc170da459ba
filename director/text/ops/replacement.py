"""The operation `replace`: set, append, insert, and make what is optional and missing on the way.

Takes a traced tree, changes it, gives its root. Source: cppforlife/go-patch patch/replace_op.go, array_insertion.go.
"""

from typing import assert_never

from cpi.contract.value_classes import dataclass
from director.model.written.ops_file import Operation
from director.text.ops import misses, paths, seek
from director.text.ops.paths import AppendToken, IndexToken, KeyToken, MatchToken, Modifier, Tokens
from director.text.yaml import tree
from director.text.yaml.tree import Mark, TracedList, TracedMap


@dataclass(frozen=True, slots=True)
class _Placed:
    """The operation's place, as a mark for what it writes."""

    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Write:
    """A value to put at the end of a path, and the mark it leaves."""

    tokens: Tokens
    value: tree.Node
    mark: Mark


def replace_value(root: tree.Node, tokens: Tokens, operation: Operation) -> tree.Node:
    """Put the operation's value where the path leads, in place; give the root, which may be new. Raises PathMiss."""
    span = operation.span
    mark = _Placed(span.file, span.line - 1, span.column - 1)
    write = _Write(tokens=tokens, value=tree.trace(operation.value), mark=mark)
    if not tokens:
        return write.value
    node = root
    for depth in range(1, len(tokens)):
        node = _descend(node, write, depth)
    _put(node, write)
    return root


def _descend(node: tree.Node, write: _Write, depth: int) -> tree.Node:
    """Go one token further, making what is optional and missing."""
    here, token = write.tokens[:depth], write.tokens[depth - 1]
    match token:
        case IndexToken():
            items = seek.as_traced_list(node, here)
            return items[seek.concrete_index(token.index, token.modifiers, size=len(items), here=here)]
        case MatchToken():
            items = seek.as_traced_list(node, here)
            if token.is_optional and not seek.matching_indices(items, token):
                return _append(items, _item_of(token, write.mark), write.mark)
            index = seek.concrete_index(seek.one_match(items, token, here), token.modifiers, size=len(items), here=here)
            return items[index]
        case KeyToken():
            entries = seek.as_traced_map(node, here)
            if token.key not in entries:
                if not token.is_optional:
                    raise misses.missing_key(here, token.key, entries)
                _set(entries, token.key, value=_container_for(write.tokens, depth), mark=write.mark)
            return entries[token.key]
        case AppendToken():
            path = paths.describe_path(write.tokens)
            raise misses.misuse(f"Expected after last index token to be last in path '{path}'")
        case _:
            assert_never(token)


def _put(node: tree.Node, write: _Write) -> None:
    here, token = write.tokens, write.tokens[-1]
    match token:
        case IndexToken():
            _put_at(seek.as_traced_list(node, here), token.index, modifiers=token.modifiers, write=write)
        case AppendToken():
            _append(seek.as_traced_list(node, here), write.value, write.mark)
        case MatchToken():
            items = seek.as_traced_list(node, here)
            if token.is_optional and not seek.matching_indices(items, token):
                _append(items, write.value, write.mark)
            else:
                _put_at(items, seek.one_match(items, token, here), modifiers=token.modifiers, write=write)
        case KeyToken():
            entries = seek.as_traced_map(node, here)
            if token.key not in entries and not token.is_optional:
                raise misses.missing_key(here, token.key, entries)
            _set(entries, token.key, value=write.value, mark=write.mark)
        case _:
            assert_never(token)


def _put_at(items: TracedList, index: int, *, modifiers: tuple[Modifier, ...], write: _Write) -> None:
    """Overwrite an item, or insert before or after it."""
    is_insertion = bool(modifiers) and modifiers[-1] in {Modifier.BEFORE, Modifier.AFTER}
    steps = modifiers[:-1] if is_insertion else modifiers
    early = next((modifier for modifier in steps if modifier in {Modifier.BEFORE, Modifier.AFTER}), None)
    if early:
        found = f"patch.{modifiers[steps.index(early) + 1].value.capitalize()}Modifier"
        raise misses.misuse(
            f"Expected to not find any modifiers after '{early.value}' modifier, but found modifier '{found}'"
        )
    place = seek.concrete_index(index, steps, size=len(items), here=write.tokens)
    if is_insertion:
        place += modifiers[-1] is Modifier.AFTER
        items.insert(place, write.value)
        items.marks.insert(place, write.mark)
    else:
        items[place] = write.value
        items.marks[place] = write.mark


def _container_for(tokens: Tokens, depth: int) -> TracedMap | TracedList:
    match tokens[depth]:
        case AppendToken() | MatchToken():
            return TracedList()
        case KeyToken():
            return TracedMap()
        case IndexToken():
            path = paths.describe_path(tokens[: depth + 1])
            raise misses.misuse(f"Expected to find key, matching index or after last index token at path '{path}'")


def _item_of(token: MatchToken, mark: Mark) -> TracedMap:
    item = TracedMap()
    _set(item, token.key, value=token.value, mark=mark)
    return item


def _append(items: TracedList, value: tree.Node, mark: Mark) -> tree.Node:
    items.append(value)
    items.marks.append(mark)
    return value


def _set(entries: TracedMap, key: str, *, value: tree.Node, mark: Mark) -> None:
    entries[key] = value
    entries.marks[key] = mark
