"""Maps and lists that remember where each key and item was written.

Takes nothing, gives two containers and what copies them. They are dict and list to everyone else; only the rooms's
own changes (patch.py) keep the marks in step.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

from director.model.secret_ref import Property, SecretRef, SecretText
from director.model.spans import Path, Span, Spans


class Mark(Protocol):
    """A place in a file, counted from 0."""

    @property
    def name(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


Key: TypeAlias = bool | int | float | str | None
Leaf: TypeAlias = bool | int | float | str | SecretRef | SecretText | None
Node: TypeAlias = "Leaf | TracedMap | TracedList"


class TracedMap(dict[Key, "Node"]):
    """A map; `marks` has the place of each key that was written."""

    __slots__ = ("marks",)

    def __init__(self) -> None:
        self.marks: dict[Key, Mark] = {}


class TracedList(list["Node"]):
    """A list; `marks` has the place of each item in step with the items, None if it has none."""

    __slots__ = ("marks",)

    def __init__(self) -> None:
        self.marks: list[Mark | None] = []


def copy_tree(node: Node) -> Node:
    """Copy containers all the way down; leaves and marks are shared."""
    if isinstance(node, TracedMap):
        new_map = TracedMap()
        new_map.update((key, copy_tree(value)) for key, value in node.items())
        new_map.marks = node.marks.copy()
        return new_map
    if isinstance(node, TracedList):
        new_list = TracedList()
        new_list.extend(copy_tree(value) for value in node)
        new_list.marks = node.marks.copy()
        return new_list
    return node


def trace(value: Property) -> Node:
    """Give a plain tree as a traced one without marks."""
    if isinstance(value, (TracedMap, TracedList)):
        return copy_tree(value)
    if isinstance(value, Mapping):
        new_map = TracedMap()
        new_map.update((key, trace(item)) for key, item in value.items())
        return new_map
    if isinstance(value, (list, tuple)):
        new_list = TracedList()
        new_list.extend(trace(item) for item in value)
        new_list.marks = [None] * len(new_list)
        return new_list
    return value  # type: ignore[return-value]  # only leaves are left


def is_deeper_than(root: Property, levels: int) -> bool:
    """Whether maps and lists nest deeper than so many levels; itself it needs no stack for them."""
    level = [root]
    for _ in range(levels + 1):
        level = [child for node in level for child in _children(node)]
        if not level:
            return False
    return True


def spans_of(root: Node, file: str) -> Spans:
    """Give the spans of a tree; each is computed on first use."""
    return Spans(file=file, by_path=_LazySpans(root, file))


def span_of(mark: Mark) -> Span:
    """Give a mark as a span, which counts from 1."""
    return Span(file=mark.name, line=mark.line + 1, column=mark.column + 1)


def _children(node: Property) -> Iterable[Property]:
    if isinstance(node, Mapping):
        return node.values()
    return node if isinstance(node, list | tuple) else ()


class _LazySpans(Mapping[Path, Span]):
    def __init__(self, root: Node, file: str) -> None:
        self._root = root
        self._file = file

    def __getitem__(self, path: Path) -> Span:
        if not path:
            return Span(file=self._file, line=1, column=1)
        mark: Mark | None = None
        node = self._root
        for step in path:
            mark, node = _step(node, step)
        if mark is None:
            raise KeyError(path)
        return span_of(mark)

    def __iter__(self) -> Iterator[Path]:
        yield ()
        yield from _paths(self._root, ())

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _step(node: Node, step: str | int) -> tuple[Mark | None, Node]:
    if isinstance(node, TracedMap) and step in node:
        return node.marks.get(step), node[step]
    if isinstance(node, TracedList) and isinstance(step, int) and 0 <= step < len(node):
        return node.marks[step], node[step]
    raise KeyError(step)


def _paths(node: Node, path: Path) -> Iterator[Path]:
    if isinstance(node, TracedMap):
        for key, value in node.items():
            here = (*path, key if isinstance(key, int) else str(key))
            if key in node.marks:
                yield here
            yield from _paths(value, here)
    elif isinstance(node, TracedList):
        for index, value in enumerate(node):
            if node.marks[index] is not None:
                yield (*path, index)
            yield from _paths(value, (*path, index))
