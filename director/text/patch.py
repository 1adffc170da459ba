"""Ops applied to a document, in order, all or none.

Takes a Document and operations, gives a new Document. Source: cppforlife/go-patch patch/replace_op.go, remove_op.go,
test_op.go, array_insertion.go.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import assert_never, cast

from director.errors import InputError
from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.written.ops_file import Operation
from director.text import misses, paths, seek, tree
from director.text.paths import AppendToken, IndexToken, KeyToken, MatchToken, Modifier, Tokens
from director.text.tree import Mark, TracedList, TracedMap


def apply_operations(document: Document, operations: Iterable[Operation]) -> Document:
    """Apply every operation, each to what the one before it left; the first that fails ends all.

    Codes: ops-path-missing, ops-path-type, ops-path-misuse, ops-test-failed.
    """
    root = tree.trace(document.tree)
    for operation in operations:
        try:
            root = _apply(root, operation)
        except misses.PathMiss as miss:
            raise _explained(miss, operation) from miss
    return Document(tree=cast(Property, root), spans=tree.spans_of(root, document.spans.file))


def _explained(miss: misses.PathMiss, operation: Operation) -> InputError:
    return InputError(
        miss.kind.value,
        f"Error '{operation.label} failed': {miss.what}",
        why=miss.why,
        fix=miss.fix,
        where=str(operation.span),
    )


def _apply(root: tree.Node, operation: Operation) -> tree.Node:
    tokens = paths.read_path(operation.path)
    match operation.type:
        case "replace":
            return _replace(root, tokens, operation)
        case "remove":
            return _remove(root, tokens)
        case "test":
            _test(root, tokens, operation)
            return root
        case _:
            assert_never(operation.type)


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


def _replace(root: tree.Node, tokens: Tokens, operation: Operation) -> tree.Node:
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
            items = _as_list(node, here)
            return items[seek.concrete_index(token.index, token.modifiers, len(items), here)]
        case MatchToken():
            items = _as_list(node, here)
            if token.is_optional and not seek.matching_indices(items, token):
                return _append(items, _item_of(token, write.mark), write.mark)
            index = seek.concrete_index(seek.one_match(items, token, here), token.modifiers, len(items), here)
            return items[index]
        case KeyToken():
            entries = _as_map(node, here)
            if token.key not in entries:
                if not token.is_optional:
                    raise misses.missing_key(here, token.key, entries)
                _set(entries, token.key, _container_for(write.tokens, depth), write.mark)
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
            _put_at(_as_list(node, here), token.index, token.modifiers, write)
        case AppendToken():
            _append(_as_list(node, here), write.value, write.mark)
        case MatchToken():
            items = _as_list(node, here)
            if token.is_optional and not seek.matching_indices(items, token):
                _append(items, write.value, write.mark)
            else:
                _put_at(items, seek.one_match(items, token, here), token.modifiers, write)
        case KeyToken():
            entries = _as_map(node, here)
            if token.key not in entries and not token.is_optional:
                raise misses.missing_key(here, token.key, entries)
            _set(entries, token.key, write.value, write.mark)
        case _:
            assert_never(token)


def _put_at(items: TracedList, index: int, modifiers: tuple[Modifier, ...], write: _Write) -> None:
    """Overwrite an item, or insert before or after it."""
    is_insertion = bool(modifiers) and modifiers[-1] in {Modifier.BEFORE, Modifier.AFTER}
    steps = modifiers[:-1] if is_insertion else modifiers
    early = next((modifier for modifier in steps if modifier in {Modifier.BEFORE, Modifier.AFTER}), None)
    if early:
        found = f"patch.{modifiers[steps.index(early) + 1].value.capitalize()}Modifier"
        raise misses.misuse(
            f"Expected to not find any modifiers after '{early.value}' modifier, but found modifier '{found}'"
        )
    place = seek.concrete_index(index, steps, len(items), write.tokens)
    if is_insertion:
        place += modifiers[-1] is Modifier.AFTER
        items.insert(place, write.value)
        items.marks.insert(place, write.mark)
    else:
        items[place] = write.value
        items.marks[place] = write.mark


def _remove(root: tree.Node, tokens: Tokens) -> tree.Node:
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
            items = _as_list(node, here)
            return seek.concrete_index(token.index, token.modifiers, len(items), here)
        case MatchToken():
            items = _as_list(node, here)
            if token.is_optional and not seek.matching_indices(items, token):
                return None
            return seek.concrete_index(seek.one_match(items, token, here), token.modifiers, len(items), here)
        case KeyToken():
            entries = _as_map(node, here)
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


def _test(root: tree.Node, tokens: Tokens, operation: Operation) -> None:
    try:
        found = seek.find_value(root, tokens)
    except misses.PathMiss as miss:
        if operation.absent and miss.is_absent_at == paths.describe_path(tokens):
            return
        raise
    if operation.absent:
        raise misses.PathMiss(misses.Kind.TEST, f"Expected to not find '{paths.describe_path(tokens)}'")
    if not is_same(found, operation.value):
        raise misses.PathMiss(
            misses.Kind.TEST,
            "Found value does not match expected value",
            why="Types count too: 1 is not '1'.",
            fix="Correct the expected value, or the operations before this one.",
        )


def is_same(a: object, b: object) -> bool:
    """Whether two trees are equal, types included: 1, 1.0, true and '1' all differ."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(is_same(value, b[key]) for key, value in a.items())
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(is_same(left, right) for left, right in zip(a, b, strict=True))
    return type(a) is type(b) and a == b


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
    _set(item, token.key, token.value, mark)
    return item


def _append(items: TracedList, value: tree.Node, mark: Mark) -> tree.Node:
    items.append(value)
    items.marks.append(mark)
    return value


def _set(entries: TracedMap, key: str, value: tree.Node, mark: Mark) -> None:
    entries[key] = value
    entries.marks[key] = mark


def _as_list(node: tree.Node, here: Tokens) -> TracedList:
    if isinstance(node, TracedList):
        return node
    raise misses.not_a_list(here, node)


def _as_map(node: tree.Node, here: Tokens) -> TracedMap:
    if isinstance(node, TracedMap):
        return node
    raise misses.not_a_map(here, node)
