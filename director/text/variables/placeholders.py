"""((name)) in a string: which names stand there, and what the string becomes.

Takes text, gives names and pieces. Source: cloudfoundry/bosh-cli director/template/template.go.
"""

import re
from collections.abc import Callable, Iterator

from cpi.contract.value_classes import dataclass

_PLACEHOLDER = re.compile(r"\(\( ?!?((?:[0-9\-/.]|[^\W\d])++) ?\)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """`name` is the variable, `path` the way into its value: ((cert.ca)) has the path ("ca",).

    `is_padded`: written with spaces inside the parentheses. The reference tool looks such a name up in the middle of
    a text, and then leaves the text as it is.
    """

    name: str
    path: tuple[str, ...]
    is_padded: bool
    start: int
    end: int

    @property
    def whole_name(self) -> str:
        """The name with its path, as it was written."""
        return ".".join((self.name, *self.path))


def find_placeholders(text: str) -> tuple[Placeholder, ...]:
    """Give the placeholders of a text, in order."""
    return tuple(_found(match) for match in _PLACEHOLDER.finditer(text)) if "((" in text else ()


def is_whole(text: str, placeholder: Placeholder) -> bool:
    """Whether the placeholder is all there is of the text."""
    return placeholder.start == 0 and placeholder.end == len(text)


def split_at(text: str, found: tuple[Placeholder, ...]) -> Iterator[str | Placeholder]:
    """Give literal pieces and placeholders in order; empty pieces are left out."""
    position = 0
    for placeholder in found:
        if placeholder.start > position:
            yield text[position : placeholder.start]
        yield placeholder
        position = placeholder.end
    if position < len(text):
        yield text[position:]


def replace_each(text: str, found: tuple[Placeholder, ...], value_of: Callable[[Placeholder], str]) -> str:
    """Put a text in the place of each placeholder."""
    return "".join(piece if isinstance(piece, str) else value_of(piece) for piece in split_at(text, found))


def _found(match: re.Match[str]) -> Placeholder:
    name, *path = match.group(1).split(".")
    inner = match.group()[2:-2]
    return Placeholder(
        name=name, path=tuple(path), is_padded=inner != inner.strip(" "), start=match.start(), end=match.end()
    )
