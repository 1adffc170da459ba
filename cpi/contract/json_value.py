"""Plain JSON as a type: apart from cpi.contract.values, for whoever must start quickly. Takes nothing, gives an alias."""

from collections.abc import Mapping, Sequence

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
