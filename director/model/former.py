"""Values that an earlier version saved, beside the type of the field that holds them.

Takes a mapping, gives what as_data reads in its place.
"""

from collections.abc import Mapping
from typing import Annotated

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True)
class Former:
    """Written into a field's type, `Annotated[str, Former({"": "only"})]`: what was saved once, and what it means."""

    meanings: Mapping[str, str | None]

    def __hash__(self) -> int:
        return hash(tuple(self.meanings.items()))


OptionalText = Annotated[str | None, Former({"": None})]
"""A text or None; "" was saved for none."""
