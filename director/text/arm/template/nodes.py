"""A piece of a template with its place.

Takes a document, gives cursors into it: a value, the way to it from the root, and where it was written.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.spans import Path
from director.text import nearest

_STEP = re.compile(r"\['([^']*)'\]|\[(\d{1,9})\]|([^.\[\]]+)")


class Node(NamedTuple):
    """`value` is what was written; `path` leads to it from the root of the document. Large templates make many."""

    document: Document
    value: Property
    path: Path = ()

    def __repr__(self) -> str:
        return f"Node({self.json_path})"

    @property
    def where(self) -> str:
        """`file:line:column`, of the nearest piece around it that has a place."""
        return str(self.document.spans.at(self.path))

    @property
    def json_path(self) -> str:
        """The way to it as JSON tools write it: resources[0].properties.subnets."""
        return json_path(self.path)

    @property
    def line_and_column(self) -> str:
        """The place as messages of Azure Resource Manager have it."""
        span = self.document.spans.at(self.path)
        return f"at line '{span.line}' and column '{span.column}'"

    def member(self, name: str) -> "Node | None":
        """A member of an object; names ignore case, an exact one wins. None without it, or if this is no object."""
        if not isinstance(self.value, dict):
            return None
        if name in self.value:
            return self.child(name)
        wanted = name.lower()
        return next((self.child(key) for key in self.value if str(key).lower() == wanted), None)

    def child(self, step: str | int) -> "Node":
        """The member or element that a key or an index leads to."""
        value = self.value[step]  # type: ignore[index]  # the caller looked
        return Node(self.document, value, (*self.path, step))

    def members(self) -> Iterator[tuple[str, "Node"]]:
        """All members of an object, by name; nothing if it is none."""
        if isinstance(self.value, dict):
            for key in self.value:
                yield str(key), self.child(key)

    def elements(self) -> Iterator["Node"]:
        """All elements of an array; nothing if it is none."""
        if self.is_array:
            for index in range(len(self.value)):  # type: ignore[arg-type]  # an array has a length
                yield self.child(index)

    def leaves(self) -> Iterator["Node"]:
        """All strings in it, itself included."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node.value, str):
                yield node
            waiting.extend(reversed([*node.elements(), *(child for _, child in node.members())]))

    def text(self, name: str) -> str | None:
        """A member that is a string."""
        found = self.member(name)
        return found.value if found and isinstance(found.value, str) else None

    @property
    def is_array(self) -> bool:
        return isinstance(self.value, list)

    @property
    def is_object(self) -> bool:
        return isinstance(self.value, dict)


def root_of(document: Document) -> Node:
    """The whole document."""
    return Node(document=document, value=document.tree)


def json_path(path: Path) -> str:
    """A path as JSON tools write it."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.replace("_", "a").replace("$", "a").isalnum():
            text += f".{step}" if text else step
        else:
            text += f"['{step}']"
    return text or "the template"


def find_node(root: Node, path: str) -> Node | None:
    """The piece that a path leads to, or the nearest one around it; None if nothing is on its way."""
    found: Node | None = None
    for key, index, name in _STEP.findall(path):
        here = found or root
        if index and here.is_array:
            step = next((each for each in here.elements() if each.path[-1] == int(index)), None)
        else:
            step = here.member(key or index or name)
        if step is None:
            break
        found = step
    return found


def suggestion(word: str, known: Sequence[str]) -> str:
    """What to write instead of an unknown word, or what there is."""
    near = nearest.nearest_word(word, known)
    if near:
        return f"Write '{near}'."
    listed = ", ".join(f"'{each}'" for each in sorted(known)[:12])
    return f"There is {listed}." if listed else "The template has none."
