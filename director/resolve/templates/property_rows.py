"""Rows of the table of properties: what compleat does with one.

Takes a type and the way to a property, gives rows.
"""

from collections.abc import Iterator
from enum import Enum

from cpi.contract.value_classes import dataclass

JsonScalar = None | bool | int | float | str


class PropertyEffect(Enum):
    """What compleat does with a property."""

    ACTED = "yes"
    REMARK = "a remark"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyRow:
    """`path` has names joined by dots, `[]` for any element, and ends with `.*` for all that is below.

    `only` are the values that change nothing, where others are refused.
    """

    type: str
    path: str
    effect: PropertyEffect = PropertyEffect.ACTED
    words: str = ""
    only: tuple[JsonScalar, ...] = ()


_PLACE = "the environment's own place is used"
HINT = "a hint for Azure's own service"
ELSEWHERE = "not part of what compleat makes yet"
TAGS = ("tags.*", PropertyEffect.REMARK, "it has the environment's `tags`")


def rows(type_: str, *written: tuple[str, PropertyEffect, str]) -> Iterator[PropertyRow]:
    """The rows of a type."""
    yield PropertyRow(type=type_, path="location", words=_PLACE)
    for path, effect, words in written:
        yield PropertyRow(type=type_, path=path, effect=effect, words=words)


def only(type_: str, path: str, *values: JsonScalar, words: str = ELSEWHERE) -> PropertyRow:
    """The row of a property that has one value, or several, where others are refused."""
    return PropertyRow(type=type_, path=path, words=words, only=values)
