"""The `variables:` of a document: which are defined, and which may leave because they have a value.

Takes a Document, gives Definitions, or a Document without some of them.
"""

from collections.abc import Collection, Mapping
from typing import cast

from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.spans import Span
from director.text.variables.lookup import Definition
from director.text.yaml import tree


def find_definitions(document: Document) -> tuple[Definition, ...]:
    """Give what is defined, in order; entries of another shape are left to the document's validation."""
    return tuple(
        Definition(
            name=str(entry["name"]),
            type=str(entry.get("type") or ""),
            options=cast(Mapping[str, str], options) if isinstance(options := entry.get("options"), Mapping) else {},
            where=str(_span(document, index)),
        )
        for index, entry in enumerate(_entries(document.tree))
        if isinstance(entry, Mapping) and entry.get("name") is not None
    )


def without_definitions(document: Document, names: Collection[str]) -> Document:
    """Give the document without the definitions of these names; the list stays, even empty."""
    if not names or not _entries(document.tree):
        return document
    root = tree.trace(document.tree)
    assert isinstance(root, tree.TracedMap)
    entries = root["variables"]
    assert isinstance(entries, tree.TracedList)
    for index in reversed(range(len(entries))):
        entry = entries[index]
        name = entry.get("name") if isinstance(entry, tree.TracedMap) else None
        if isinstance(name, str) and name in names:
            del entries[index]
            del entries.marks[index]
    return Document(tree=cast(Property, root), spans=tree.spans_of(root, document.spans.file))


def _entries(root: Property) -> list[Property]:
    entries = root.get("variables") if isinstance(root, Mapping) else None
    return entries if isinstance(entries, list) else []


def _span(document: Document, index: int) -> Span:
    return document.spans.at(("variables", index))
