"""Properties with secrets by name into plain JSON with the secrets in.

Takes properties and a way to get a secret, gives JSON; remembers the secrets so that messages can be cleaned of them.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import assert_never

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.errors import InputError
from director.model.secret_ref import Property, SecretRef, SecretText

Secret = Callable[[str], JsonValue]
"""Gives a secret's whole value by its whole name."""

_SHORTEST_HIDDEN = 3
"""Shorter secrets would blank out half of every message, and are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealer:
    """Replaces references by secrets. `seen` collects the values to redact; it exists for one rendering."""

    secret: Secret
    seen: set[str] = field(default_factory=set, repr=False)

    def reveal(self, value: Property) -> JsonValue:
        """The value with each secret in its place. Raises InputError: secret-field-missing, secret-not-text."""
        match value:
            case SecretRef():
                return self._secret(value)
            case SecretText():
                return "".join(self._text(part) for part in value.parts)
            case str() | bool() | int() | float() | None:
                return value
            case Mapping():
                return {key: self.reveal(member) for key, member in value.items()}
            case Sequence():
                return [self.reveal(member) for member in value]
            case _:
                assert_never(value)

    def clean(self, message: str) -> str:
        """The message without any secret that was revealed, however it was quoted."""
        for text in sorted(self.seen, key=len, reverse=True):
            message = message.replace(text, "<secret>")
        return message

    def _secret(self, reference: SecretRef) -> JsonValue:
        value = self.secret(reference.name)
        for key in reference.path:
            if not isinstance(value, Mapping) or key not in value:
                raise InputError(
                    "secret-field-missing",
                    f"Secret '{reference.name}' has no field '{key}', which {reference} needs.",
                    why=_shape_of(value),
                    fix="Name a field that the variable's type has.",
                )
            value = value[key]
        self.seen.update(_spellings(value))
        return value

    def _text(self, part: str | SecretRef) -> str:
        if isinstance(part, str):
            return part
        value = self._secret(part)
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise InputError(
                "secret-not-text",
                f"{part} is part of a longer text, but its value is neither text nor a whole number.",
                why=_shape_of(value),
                fix="Name one of its fields, or use it as the whole value.",
            )
        return str(value)


def _shape_of(value: JsonValue) -> str:
    if isinstance(value, Mapping):
        return f"it has the fields {', '.join(repr(key) for key in sorted(value))}."
    return f"its value is a {type(value).__name__} without fields."


def _spellings(value: JsonValue) -> Iterator[str]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _spellings(member)
    elif isinstance(value, str):
        lines = (value, *value.splitlines())
        yield from (spelling for line in lines for spelling in _quoted(line) if len(spelling) >= _SHORTEST_HIDDEN)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _spellings(member)


def _quoted(text: str) -> tuple[str, ...]:
    return text, json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1], repr(text)[1:-1]
