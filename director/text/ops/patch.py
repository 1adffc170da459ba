"""Ops applied to a document, in order, all or none.

Takes a Document and operations, gives a new Document. Source: cppforlife/go-patch patch/test_op.go, descriptive_op.go.
"""

from collections.abc import Iterable
from typing import assert_never, cast

from director.errors import InputError
from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.written.ops_file import Operation
from director.text.ops import misses, paths, removal, replacement, seek
from director.text.ops.paths import Tokens
from director.text.yaml import reader, tree


def apply_operations(document: Document, operations: Iterable[Operation]) -> Document:
    """Apply every operation, each to what the one before it left; the first that fails ends all.

    Codes: ops-path-missing, ops-path-type, ops-path-misuse, ops-test-failed, yaml-too-big.
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


def _check_depth(tokens: Tokens, operation: Operation) -> None:
    """A step of the path is a level, and so is each of the value; no other change makes a document deeper."""
    if tree.is_deeper_than(operation.value, reader.MAX_DEPTH - len(tokens)):
        raise InputError(
            "yaml-too-big",
            f"With {operation.label} the document would nest deeper than {reader.MAX_DEPTH} levels.",
            why="Every step of the path is a level, and so is each of the value.",
            fix="Flatten the value, or shorten the path.",
            where=str(operation.span),
        )


def _apply(root: tree.Node, operation: Operation) -> tree.Node:
    tokens = paths.read_path(operation.path)
    match operation.type:
        case "replace":
            _check_depth(tokens, operation)
            return replacement.replace_value(root, tokens, operation)
        case "remove":
            return removal.remove_value(root, tokens)
        case "test":
            _test(root, tokens, operation)
            return root
        case _:
            assert_never(operation.type)


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
