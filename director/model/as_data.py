"""Values into plain JSON and back, by their own type hints.

Takes frozen values, gives JSON; takes JSON and a type, gives the value. Bytes travel as their digest: what is read
back says what it was, not what it held. Secrets travel as names, as always.
"""

import dataclasses
import hashlib
import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from functools import cache

from cpi.contract.values import JsonValue
from director.model.former import Former
from director.model.secret_ref import Property, SecretRef, SecretText

_SECRET = "$secret"  # noqa: S105  (a tag, not a secret)
_TEXT = "$text"
_PLAIN = "$plain"

T = typing.TypeVar("T")


class UnknownPartError(ValueError):
    """The data are whole, and have a part that this version does not know: a newer version wrote them."""


def encode(value: object) -> JsonValue:
    """The value as JSON. A mapping that looks like one of our tags is wrapped, so nothing is ambiguous."""
    match value:
        case SecretRef():
            return {_SECRET: [value.name, *value.path]}
        case SecretText():
            return {_TEXT: [encode(part) for part in value.parts]}
        case Enum():
            return encode(value.value)
        case bytes():
            return f"sha256:{hashlib.sha256(value).hexdigest()}"
        case None | bool() | int() | float() | str():
            return value
        case Mapping():
            plain = {str(key): encode(item) for key, item in value.items()}
            return {_PLAIN: plain} if set(plain) & {_SECRET, _TEXT, _PLAIN} else plain
        case frozenset():  # in an order that every process gives it
            return sorted((encode(item) for item in value), key=repr)
        case Iterable():
            return [encode(item) for item in value]
    return {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(_dataclass_of(value))}


def _dataclass_of(value: object) -> type:
    kind: type = type(value)
    if not dataclasses.is_dataclass(kind):
        raise ValueError(f"a {kind.__name__} cannot be written as data")
    return kind


def decode(kind: type[T], data: object) -> T:
    """The value of type `kind` that `data` was made from. Raises ValueError where it does not fit, UnknownPartError
    where it has a part that a newer version added.

    A part that is already one of our values stays unchanged: only its reader knows its type.
    """
    return typing.cast(T, _decode(kind, data))


def _decode(hint: object, data: typing.Any) -> object:
    if dataclasses.is_dataclass(data):
        return data
    if hint in (JsonValue, Property):
        return _free(data)
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return _annotated(hint, data)
    if isinstance(hint, typing.NewType):
        return _decode(hint.__supertype__, data)
    if origin in (types.UnionType, typing.Union):
        return _union(typing.get_args(hint), data)
    if origin in (tuple, frozenset):
        return _sequence(hint, data)
    if origin is Mapping or origin is dict:
        return _mapping(typing.get_args(hint)[1], data)
    if origin is typing.Literal:
        return _one_of(typing.get_args(hint), data)
    return _leaf(hint, data)


def _annotated(hint: object, data: JsonValue) -> object:
    """A field that an earlier version wrote in another way."""
    plain, former = typing.get_args(hint)[:2]
    if isinstance(former, Former) and isinstance(data, str) and data in former.meanings:
        return _decode(plain, former.meanings[data])
    return _decode(plain, data)


def _leaf(hint: object, data: JsonValue) -> object:
    if hint is bytes:
        return b""
    if hint is float and isinstance(data, int):
        return float(data)
    if not isinstance(hint, type):
        raise ValueError(f"cannot read {hint!r}")
    if issubclass(hint, Enum):
        return _member(hint, data)
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, data)
    if not isinstance(data, hint):
        raise ValueError(f"expected {hint.__name__}, found {type(data).__name__}")
    return data


def _member(kind: type[Enum], data: JsonValue) -> Enum:
    known = [member.value for member in kind]
    if isinstance(data, str) and data not in known:
        raise UnknownPartError(f"{kind.__name__} has no {data!r}")
    return kind(data)


def _dataclass(kind: type, data: JsonValue) -> object:
    if kind is SecretRef or kind is SecretText:
        return _free(data)
    if not isinstance(data, Mapping):
        raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}")
    hints = _fields(kind)
    unknown = set(data) - set(hints)
    if unknown:
        raise UnknownPartError(f"{kind.__name__} has no {sorted(unknown)[0]!r}")
    missing = _required(kind) - set(data)
    if missing:
        raise ValueError(f"{kind.__name__} lacks {sorted(missing)[0]!r}")
    return kind(**{name: _decode(hints[name], item) for name, item in data.items()})


def _free(data: JsonValue) -> object:
    if isinstance(data, Mapping):
        if set(data) == {_SECRET}:
            name, *path = _strings(data[_SECRET])
            return SecretRef(name=name, path=tuple(path))
        if set(data) == {_TEXT}:
            return SecretText(parts=tuple(_part(part) for part in _items(data[_TEXT])))
        if set(data) == {_PLAIN}:
            return _mapping(JsonValue, data[_PLAIN])
        return {key: _free(item) for key, item in data.items()}
    return [_free(item) for item in data] if isinstance(data, list | tuple) else data


def _part(data: JsonValue) -> str | SecretRef:
    part = _free(data)
    if not isinstance(part, str | SecretRef):
        raise ValueError("a secret text holds text and references")
    return part


def _union(hints: Sequence[object], data: JsonValue) -> object:
    if data is None and type(None) in hints:
        return None
    kinds = [hint for hint in hints if hint is not type(None)]
    if len(kinds) == 1:
        return _decode(kinds[0], data)
    tag = _tag_of(data)
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Enum) and data in [member.value for member in kind]:
            return kind(data)
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and tag in _tags(kind):
            return _decode(kind, data)
    if tag is not None and all(dataclasses.is_dataclass(kind) for kind in kinds):
        raise UnknownPartError(f"none of {', '.join(str(tag_) for kind in kinds for tag_ in _tags(kind))} is {tag!r}")
    return next((data for kind in kinds if isinstance(kind, type) and isinstance(data, kind)), _free(data))


def _tag_of(data: JsonValue) -> object:
    if not isinstance(data, Mapping):
        return None
    return data.get("kind") or data.get("type")


@cache
def _tags(kind: type) -> tuple[object, ...]:
    return tuple(
        tag
        for hint in _fields(kind).values()
        if typing.get_origin(hint) is typing.Literal
        for tag in typing.get_args(hint)
    )


@cache
def _fields(kind: type) -> Mapping[str, object]:
    hints = typing.get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}


@cache
def _required(kind: type) -> frozenset[str]:
    missing = dataclasses.MISSING
    return frozenset(
        field.name
        for field in dataclasses.fields(kind)
        if field.default is missing and field.default_factory is missing
    )


def _sequence(hint: object, data: JsonValue) -> object:
    items = _items(data)
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is frozenset:
        return frozenset(_decode(arguments[0], item) for item in items)
    if len(arguments) == 2 and arguments[1] is not Ellipsis:
        return tuple(_decode(each, item) for each, item in zip(arguments, items, strict=True))
    return tuple(_decode(arguments[0], item) for item in items)


def _mapping(hint: object, data: JsonValue) -> object:
    if not isinstance(data, Mapping):
        raise ValueError(f"expected a mapping, found {type(data).__name__}")
    if set(data) == {_PLAIN}:
        return _mapping(hint, data[_PLAIN])
    return {key: _decode(hint, item) for key, item in data.items()}


def _one_of(allowed: Sequence[object], data: JsonValue) -> object:
    if data not in allowed:
        is_text = isinstance(data, str) and all(isinstance(each, str) for each in allowed)
        raise (UnknownPartError if is_text else ValueError)(f"expected {allowed!r}, found {data!r}")
    return data


def _items(data: JsonValue) -> Sequence[JsonValue]:
    if not isinstance(data, list | tuple):
        raise ValueError(f"expected a list, found {type(data).__name__}")
    return data


def _strings(data: JsonValue) -> list[str]:
    return [str(item) for item in _items(data)]
