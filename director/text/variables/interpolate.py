"""((name)) to values, as `bosh interpolate` does it.

Takes a tree and something that knows values, gives a new tree. A whole string becomes the value with its type; inside
a longer one only text and whole numbers may stand. What has no value stays as it was written; values are not looked
through again. Source: cloudfoundry/bosh-cli director/template/template.go.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from director.errors import InputError
from director.model.documents import Document
from director.model.secret_ref import Property
from director.model.spans import Path, Spans
from director.text.ops import misses
from director.text.variables import placeholders
from director.text.variables.placeholders import Placeholder


class Values(Protocol):
    """Knows variables' values."""

    def field_of(self, name: str, path: tuple[str, ...]) -> tuple[bool, Property]:
        """Say whether the variable has a value, and give it, or the part of it that the path leads to."""
        ...


def interpolate_document(document: Document, values: Values) -> Document:
    """Fill a whole document in. Codes: variable-field-missing, variable-in-text."""
    filled = _Filler(values, document.spans).fill(document.tree, ())
    return Document(tree=filled, spans=document.spans)


def fill_in(tree: Property, values: Values) -> Property:
    """Fill in a tree that has no source file, so that errors can only name the variable."""
    return _Filler(values, Spans(file="")).fill(tree, ())


def first_place(document: Document, names: Collection[str]) -> str:
    """Say where the first placeholder of one of these variables is; "" if there is none."""
    return next((str(document.spans.at(path)) for path in _places(document.tree, (), names)), "")


def _places(node: Property, path: Path, names: Collection[str]) -> Iterator[Path]:
    if isinstance(node, str):
        if any(placeholder.name in names for placeholder in placeholders.find_placeholders(node)):
            yield path
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _places(key, (*path, key), names)
            yield from _places(value, (*path, key), names)
    elif isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _places(item, (*path, index), names)


def field_missing(miss: misses.PathMiss, placeholder: Placeholder, where: str) -> InputError:
    """The variable has a value, but not the requested part of it."""
    return InputError(
        "variable-field-missing",
        f"Finding variable '{placeholder.whole_name}': {miss.what}",
        why=f"The value of '{placeholder.name}' has no such field.",
        fix=f"Correct the words after '{placeholder.name}.'.",
        where=where,
    )


def not_embeddable(value: Property, placeholder: Placeholder, where: str) -> InputError:
    """The value cannot stand inside a longer text; it is not shown, because it may be secret."""
    return InputError(
        "variable-in-text",
        f"Invalid type '{misses.go_type(value)}' for value '<redacted>' and variable '{placeholder.whole_name}'."
        " Supported types for interpolation within a string are integers and strings.",
        why="It is part of a longer text.",
        fix=f"Give it as text, as -v {placeholder.name}='\"...\"' does, or use it as the whole value.",
        where=where,
    )


class _Filler:
    def __init__(self, values: Values, spans: Spans) -> None:
        self._values = values
        self._spans = spans

    def fill(self, node: Property, path: Path) -> Property:
        if isinstance(node, str):
            return self._text(node, path) if "((" in node else node
        if isinstance(node, Mapping):
            return self._map(node, path)
        if isinstance(node, (list, tuple)):
            return [self.fill(item, (*path, index)) for index, item in enumerate(node)]
        return node

    def _map(self, node: Mapping[str, Property], path: Path) -> Property:
        filled: dict[str, Property] = {}
        for key, item in node.items():
            value = self.fill(item, (*path, key))
            new_key = self._text(key, (*path, key)) if isinstance(key, str) and "((" in key else key
            if isinstance(new_key, (Mapping, list, tuple)):
                raise self._bad_key(key, path)
            filled[new_key] = value  # type: ignore[index]  # a key may become any scalar
        return filled

    def _text(self, text: str, path: Path) -> Property:
        found = placeholders.find_placeholders(text)
        pieces: dict[Placeholder, str] = {}
        for placeholder in found:
            is_found, value = self._value_of(placeholder, path)
            if not is_found:
                continue
            if placeholders.is_whole(text, placeholder):
                return value
            pieces[placeholder] = self._embeddable(value, placeholder, path)
        if not pieces:
            return text
        return placeholders.replace_each(text, found, lambda placeholder: self._shown(text, placeholder, pieces))

    @staticmethod
    def _shown(text: str, placeholder: Placeholder, pieces: Mapping[Placeholder, str]) -> str:
        written = text[placeholder.start : placeholder.end]
        return written if placeholder.is_padded else pieces.get(placeholder, written)

    def _value_of(self, placeholder: Placeholder, path: Path) -> tuple[bool, Property]:
        try:
            return self._values.field_of(placeholder.name, placeholder.path)
        except misses.PathMiss as miss:
            raise field_missing(miss, placeholder, self._where(path)) from miss

    def _embeddable(self, value: Property, placeholder: Placeholder, path: Path) -> str:
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            return str(value)
        raise not_embeddable(value, placeholder, self._where(path))

    def _bad_key(self, key: str, path: Path) -> InputError:
        return InputError(
            "variable-in-text",
            f"Key '{key}' becomes a map or a list.",
            why="Only text, numbers, booleans and null can be keys.",
            fix="Use a variable whose value is text.",
            where=self._where((*path, key)),
        )

    def _where(self, path: Path) -> str:
        span = self._spans.at(path)
        return str(span) if span.file else ""
