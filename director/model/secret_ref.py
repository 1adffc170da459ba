"""A secret as a name: what travels in documents, plans and journals instead of a value.

Takes nothing, gives frozen values.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import assert_never

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """The secret `name`, or the field of it that `path` leads to: ((cert.ca)) is name "cert", path ("ca",)."""

    name: str
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"(({'.'.join((self.name, *self.path))}))"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretText:
    """A string with secrets inside: its literal parts and its references in order."""

    parts: tuple[str | SecretRef, ...]

    def __str__(self) -> str:
        return "".join(str(part) for part in self.parts)


Property = None | bool | int | float | str | SecretRef | SecretText | Sequence["Property"] | Mapping[str, "Property"]
"""A property's value: JSON whose leaves may be secrets by name."""


def secret_names(value: Property) -> Iterator[str]:
    """The names of all secrets in a value."""
    match value:
        case SecretRef(name=name):
            yield name
        case SecretText(parts=parts):
            yield from (part.name for part in parts if isinstance(part, SecretRef))
        case str() | bool() | int() | float() | None:
            return
        case Mapping():
            for member in value.values():
                yield from secret_names(member)
        case Sequence():
            for member in value:
                yield from secret_names(member)
        case _:
            assert_never(value)
