"""What an expression can be: JSON values, and values that only a deployment can supply.

Takes values, gives their types' names, whether two are equal, and their texts.
"""

import json
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeAlias

from cpi.contract.value_classes import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedValue:
    """A value that exists once something is deployed; `origin` is the expression that reads it."""

    origin: str


class DeployedObject(dict[str, "Value"]):
    """What is known of an object that only a deployment can supply: members that the template itself declares."""

    def __init__(self, known: "dict[str, Value]", *, origin: str) -> None:
        super().__init__(known)
        self.origin = origin


class KnownObject(dict[str, "Value"]):
    """An object within a deployed one that is known whole: tags, the outputs of a deployment."""


class SecureText(str):
    """Text that comes from a secure parameter: it is never shown."""

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


class SecureInteger(int):
    """A number that comes from a secure parameter: it is never shown."""

    def __repr__(self) -> str:
        return HIDDEN


Value: TypeAlias = "bool | int | float | str | list[Value] | dict[str, Value] | DeployedValue | None"


@dataclass(frozen=True, slots=True, kw_only=True)
class LambdaFunction:
    """A lambda: the number of its parameters, and what calls it with values."""

    arity: int
    call: Callable[[Sequence[Value]], Value]


Argument: TypeAlias = "Value | LambdaFunction"

HIDDEN = "(hidden)"
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
_SYMBOL, _DIGIT, _LETTER = range(3)
_MAX_SHOWN = 80


class NotDeployedError(Exception):
    """A function needs a value that only a deployment can supply."""

    def __init__(self, value: DeployedValue) -> None:
        super().__init__(value.origin)
        self.value = value


def type_name(value: Argument) -> str:
    """The name of a value's type as messages of Azure Resource Manager have it."""
    match value:
        case None:
            return "Null"
        case bool():
            return "Boolean"
        case int():
            return "Integer"
        case float():
            return "Float"
        case str():
            return "String"
        case list():
            return "Array"
        case dict():
            return "Object"
        case LambdaFunction():
            return "Lambda"
        case _:
            return "Unknown"


def is_integer(value: Argument) -> bool:
    """Whether it is a whole number; true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def secured(value: Value) -> Value:
    """The value with all its texts and whole numbers marked as secure."""
    match value:
        case list():
            return [secured(item) for item in value]
        case dict():
            return {key: secured(item) for key, item in value.items()}
        case str():
            return SecureText(value)
        case int() if not isinstance(value, bool):
            return SecureInteger(value)
        case _:
            return value


def shown(value: Value) -> Value:
    """The value as it may be printed: secure parts are hidden, and deployed ones are the expression that reads them."""
    match value:
        case DeployedValue(origin=origin) | DeployedObject(origin=origin):
            return f"(known after deployment: {origin})"
        case list():
            return [shown(item) for item in value]
        case dict():
            return {HIDDEN if isinstance(key, SecureText) else key: shown(item) for key, item in value.items()}
        case SecureText() | SecureInteger():
            return HIDDEN
        case _:
            return value


def quoted(value: Argument) -> str:
    """The value as a message quotes it: short, on one line, and never secure."""
    if isinstance(value, LambdaFunction):
        return "lambda"
    plain = shown(value)
    text = plain if isinstance(plain, str) else compact_json(plain) if plain is not None else ""
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."


def deployed_part(value: Value) -> DeployedValue | None:
    """The first part of it that only a deployment can supply."""
    if isinstance(value, DeployedValue):
        return value
    if isinstance(value, DeployedObject):
        return DeployedValue(origin=value.origin)
    children = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
    return next((found for child in children if (found := deployed_part(child))), None)


def compact_json(value: Value) -> str:
    """JSON without spaces. Raises NotDeployedError."""
    part = deployed_part(value)
    if part:
        raise NotDeployedError(part)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def are_equal(one: Value, other: Value) -> bool:
    """Whether two values are equal in depth and type; texts are compared by case. Raises NotDeployedError."""
    require_deployed(one)
    require_deployed(other)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(are_equal(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(are_equal(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return isinstance(one, _kind(other)) and one == other


def require_deployed(value: Value) -> None:
    """Raise NotDeployedError for a value that only a deployment can supply; its members are not looked at."""
    if isinstance(value, DeployedValue):
        raise NotDeployedError(value)
    if isinstance(value, DeployedObject):
        raise NotDeployedError(DeployedValue(origin=value.origin))


def equality_key(value: Value) -> object:
    """A hashable value that is equal for equal values. Raises NotDeployedError."""
    require_deployed(value)
    match value:
        case list():
            return ("list", tuple(equality_key(item) for item in value))
        case dict():
            return ("dict", frozenset((key, equality_key(item)) for key, item in value.items()))
        case str():
            return str(value)
        case int() if not isinstance(value, bool):
            return ("Number", int(value))
        case float():
            return ("Number", value)
        case _:
            return (type_name(value), value)


def collation_key(text: str) -> tuple[object, ...]:
    """The order of texts in English: symbols, digits, letters ignoring case; of equal ones, lower case first."""
    plain = [char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char)]
    first = [(_class_of(char), char.lower()) for char in plain]
    return (first, text.lower(), [char.isupper() for char in text])


def find_key(mapping: dict[str, Value], key: str) -> str | None:
    """The key of an object as it is spelled there: the exact one, or the first that differs by case alone."""
    if key in mapping:
        return key
    wanted = key.lower()
    return next((each for each in mapping if each.lower() == wanted), None)


def _kind(value: Value) -> type | tuple[type, ...]:
    return (int, float) if isinstance(value, int | float) else str if isinstance(value, str) else type(value)


def _class_of(char: str) -> int:
    return _LETTER if char.isalpha() else _DIGIT if char.isdigit() else _SYMBOL
