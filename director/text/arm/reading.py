"""A template's file: JSON or YAML, by what it begins with.

Takes a Source, gives a Document, and a document as formatted JSON.
"""

import json
from collections.abc import Iterator, Mapping

from director.errors import InputError, raise_all
from director.model.documents import Document, Source
from director.text.arm import json_text
from director.text.arm.template import problems
from director.text.arm.template.nodes import root_of
from director.text.arm.template.types import plain_value
from director.text.arm.values import Value
from director.text.yaml import reader

MAX_BYTES = 16 * 1024 * 1024
_ORDER = (
    *("$schema", "contentVersion", "languageVersion", "apiProfile", "metadata", "definitions", "functions"),
    *("parameters", "variables", "resources", "outputs"),
)


def read_source(source: Source) -> Document:
    """Read a template, a parameter file or a file of cases. Codes: template-too-big, template-json-broken."""
    if len(source.content) > MAX_BYTES:
        raise InputError(
            "template-too-big",
            f"{source.name} has {len(source.content)} bytes; the limit is {MAX_BYTES}.",
            where=source.name,
            fix="Split it into linked templates.",
        )
    if json_text.begins_as_json(source):
        return json_text.read_document(source)
    document = reader.read_document(source)
    raise_all(_bad_keys(document))
    return document


def format_document(document: Document) -> str:
    """The document as JSON: two spaces a level, the sections of a template in their usual order."""
    return json.dumps(ordered(document), indent=2, ensure_ascii=False) + "\n"


def ordered(document: Document) -> Value:
    """The document's value, with the sections of a template in their usual order."""
    value = plain_value(root_of(document))
    if not isinstance(value, Mapping):
        return value
    places = {name.lower(): place for place, name in enumerate(_ORDER)}
    return {key: value[key] for key in sorted(value, key=lambda key: places.get(key.lower(), len(places)))}


def _bad_keys(document: Document) -> Iterator[InputError]:
    """YAML reads some words as true and false; as a name they must be in quotes."""
    waiting = [root_of(document)]
    while waiting:
        node = waiting.pop()
        for key in node.value if isinstance(node.value, dict) else ():
            if isinstance(key, bool) or key is None:
                yield problems.of_template(
                    f"A key is read as {str(key).lower()}, not as text.",
                    node.child(key),  # type: ignore[arg-type]  # such a key is there
                    why="YAML reads y, n, yes, no, on, off, true, false and null without quotes as such values.",
                    fix="Write the key in quotes.",
                )
        waiting.extend((*node.elements(), *(child for _, child in node.members())))
