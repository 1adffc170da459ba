"""Maps that go to a cloud, which must not hold secrets by name.

Takes a map as written, gives plain JSON.
"""

from collections.abc import Mapping, Sequence
from typing import assert_never

from cpi.contract.values import JsonValue
from director.model.secret_ref import Property, SecretRef, SecretText
from director.resolve.findings import Findings


def plain_map(value: Mapping[str, Property], where: str, found: Findings) -> dict[str, JsonValue]:
    """The map as JSON. Tells: secret-not-here, once for each secret in it."""
    return {key: _plain(member, where, found) for key, member in value.items()}


def _plain(value: Property, where: str, found: Findings) -> JsonValue:
    match value:
        case SecretRef() | SecretText():
            found.report(
                "secret-not-here",
                f"{value} is a secret, which is not allowed here.",
                why="This part is sent to the cloud, and saved in the plan and the state.",
                fix="Give its value with -v or a vars file, or remove it.",
                where=where,
            )
            return None
        case str() | bool() | int() | float() | None:
            return value
        case Mapping():
            return plain_map(value, where, found)
        case Sequence():
            return [_plain(member, where, found) for member in value]
        case _:
            assert_never(value)
