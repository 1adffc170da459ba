"""Plain JSON as a type: apart from cpi.contract.values, for programs that must start quickly."""

from collections.abc import Mapping, Sequence

JsonValue = None | bool | int | float | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"]
