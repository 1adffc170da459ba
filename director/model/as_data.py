"""Values into plain JSON and back, by their own type hints.

Takes frozen values, gives JSON; takes JSON and a type, gives the value. Bytes travel as their digest: what is read
back says what it was, not what it held. Secrets travel as names, as always.

A state and its journal hold thousands of values of a few dozen types, so what a type is written and read by is found
once for each type.
"""

import dataclasses
import hashlib
import types
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from functools import cache

from cpi.contract.values import JsonValue
from director.model.former import Former
from director.model.secret_ref import Property, SecretRef, SecretText

_SECRET = "$secret"  # noqa: S105  (a tag, not a secret)
_TEXT = "$text"
_PLAIN = "$plain"

T = typing.TypeVar("T")
_Writer = Callable[[typing.Any], JsonValue]
_Reader = Callable[[typing.Any], object]
_SCALARS = frozenset({type(None), bool, int, float, str})
_JSON = _SCALARS | {dict, list}


class UnknownPartError(ValueError):
    """The data are whole, and have a part that this version does not know: a newer version wrote them."""


def encode(value: object) -> JsonValue:
    """The value as JSON. A mapping that looks like one of our tags is wrapped, so nothing is ambiguous."""
    kind: type = type(value)
    return _writer(kind)(value)


@cache
def _writer(kind: type) -> _Writer:
    if issubclass(kind, SecretRef):
        return lambda ref: {_SECRET: [ref.name, *ref.path]}
    if issubclass(kind, SecretText):
        return lambda text: {_TEXT: [encode(part) for part in text.parts]}
    if issubclass(kind, Enum):
        return lambda member: encode(member.value)
    if issubclass(kind, bytes):
        return lambda content: f"sha256:{hashlib.sha256(content).hexdigest()}"
    if issubclass(kind, type(None) | bool | int | float | str):
        return lambda scalar: scalar
    if issubclass(kind, Mapping):
        return _write_mapping
    if issubclass(kind, frozenset):  # in an order that every process gives it
        return lambda items: sorted((encode(item) for item in items), key=repr)
    if issubclass(kind, Iterable):
        return lambda items: [item if type(item) in _SCALARS else encode(item) for item in items]
    return _fields_writer(kind)


def _write_mapping(value: Mapping[object, object]) -> JsonValue:
    plain: dict[str, JsonValue] = {str(key): encode(item) for key, item in value.items()}
    return {_PLAIN: plain} if _SECRET in plain or _TEXT in plain or _PLAIN in plain else plain


def _fields_writer(kind: type) -> _Writer:
    if not dataclasses.is_dataclass(kind):
        raise ValueError(f"a {kind.__name__} cannot be written as data")
    names = tuple(field.name for field in dataclasses.fields(kind))

    def write(value: object) -> JsonValue:
        items = ((name, getattr(value, name)) for name in names)
        return {name: item if type(item) in _SCALARS else encode(item) for name, item in items}

    return write


def decode(kind: type[T], data: object) -> T:
    """The value of type `kind` that `data` was made from. Raises ValueError where it does not fit, UnknownPartError
    where it has a part that a newer version added.

    A part that is already one of our values stays unchanged: only its reader knows its type.
    """
    return typing.cast(T, _kept(_dataclass_reader(kind) if dataclasses.is_dataclass(kind) else _reader(kind))(data))


def _kept(read: _Reader) -> _Reader:
    return lambda data: data if type(data) not in _JSON and dataclasses.is_dataclass(data) else read(data)


def _reader(hint: object) -> _Reader:
    """What reads data of this type hint, and takes one of our values as it is."""
    return _kept(_reader_of_data(hint))


def _reader_of_data(hint: object) -> _Reader:
    if hint in (JsonValue, Property):
        return _free
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return _annotated(hint)
    if isinstance(hint, typing.NewType):
        return _reader_of_data(hint.__supertype__)
    if origin in (types.UnionType, typing.Union):
        return _union(typing.get_args(hint))
    if origin in (tuple, frozenset):
        return _sequence(hint)
    if origin is Mapping or origin is dict:
        return _mapping(_reader(typing.get_args(hint)[1]))
    if origin is typing.Literal:
        return _one_of(typing.get_args(hint))
    return _leaf(hint)


def _annotated(hint: object) -> _Reader:
    """A field that an earlier version wrote in another way."""
    plain, former = typing.get_args(hint)[:2]
    read = _reader(plain)
    if not isinstance(former, Former):
        return read
    meanings = former.meanings
    return lambda data: read(meanings[data] if isinstance(data, str) and data in meanings else data)


def _leaf(hint: object) -> _Reader:
    if hint is bytes:
        return lambda _data: b""
    if not isinstance(hint, type):
        return lambda _data: _refuse(f"cannot read {hint!r}")
    if issubclass(hint, Enum):
        return _member(hint)
    if dataclasses.is_dataclass(hint):
        return _free if hint in (SecretRef, SecretText) else lambda data: _dataclass_reader(hint)(data)
    if hint is float:
        return lambda data: float(data) if isinstance(data, int) else _scalar(float, data)
    return lambda data: data if type(data) is hint else _scalar(hint, data)


def _refuse(why: str) -> typing.NoReturn:
    raise ValueError(why)


def _scalar(kind: type, data: JsonValue) -> object:
    if not isinstance(data, kind):
        raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}")
    return data


def _member(kind: type[Enum]) -> _Reader:
    known = [member.value for member in kind]

    def read(data: JsonValue) -> object:
        if isinstance(data, str) and data not in known:
            raise UnknownPartError(f"{kind.__name__} has no {data!r}")
        return kind(data)

    return read


@cache
def _dataclass_reader(kind: type) -> _Reader:
    if kind is SecretRef or kind is SecretText:
        return _free
    readers = {name: _reader(hint) for name, hint in _fields(kind).items()}
    required = _required(kind)

    def read(data: JsonValue) -> object:
        if not isinstance(data, Mapping):
            raise ValueError(f"expected {kind.__name__}, found {type(data).__name__}")
        if not data.keys() <= readers.keys():
            raise UnknownPartError(f"{kind.__name__} has no {min(data.keys() - readers.keys())!r}")
        if not required <= data.keys():
            raise ValueError(f"{kind.__name__} lacks {min(required - data.keys())!r}")
        return kind(**{name: readers[name](item) for name, item in data.items()})

    return read


def _free(data: JsonValue) -> object:
    if isinstance(data, Mapping):
        if set(data) == {_SECRET}:
            name, *path = _strings(data[_SECRET])
            return SecretRef(name=name, path=tuple(path))
        if set(data) == {_TEXT}:
            return SecretText(parts=tuple(_part(part) for part in _items(data[_TEXT])))
        if set(data) == {_PLAIN}:
            return _free_mapping(data[_PLAIN])
        return {key: _free(item) for key, item in data.items()}
    return [_free(item) for item in data] if isinstance(data, list | tuple) else data


def _part(data: JsonValue) -> str | SecretRef:
    part = _free(data)
    if not isinstance(part, str | SecretRef):
        raise ValueError("a secret text holds text and references")
    return part


def _union(hints: Sequence[object]) -> _Reader:
    kinds = [hint for hint in hints if hint is not type(None)]
    read = _reader(kinds[0]) if len(kinds) == 1 else _one_of_kinds(kinds)
    if len(kinds) == len(hints):
        return read
    return lambda data: None if data is None else read(data)


def _one_of_kinds(hints: Sequence[object]) -> _Reader:
    kinds = [hint for hint in hints if isinstance(hint, type)]

    def read(data: JsonValue) -> object:
        tag = _tag_of(data)
        for kind in kinds:
            if issubclass(kind, Enum) and data in [member.value for member in kind]:
                return kind(data)
            if dataclasses.is_dataclass(kind) and tag in _tags(kind):
                return _dataclass_reader(kind)(data)
        if tag is not None and all(dataclasses.is_dataclass(hint) for hint in hints):
            raise UnknownPartError(
                f"none of {', '.join(str(each) for kind in kinds for each in _tags(kind))} is {tag!r}"
            )
        return data if any(isinstance(data, kind) for kind in kinds) else _free(data)

    return read


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


def _required(kind: type) -> frozenset[str]:
    missing = dataclasses.MISSING
    return frozenset(
        field.name
        for field in dataclasses.fields(kind)
        if field.default is missing and field.default_factory is missing
    )


def _sequence(hint: object) -> _Reader:
    arguments = typing.get_args(hint)
    readers = [_reader(argument) for argument in arguments if argument is not Ellipsis]
    first = readers[0]
    if typing.get_origin(hint) is frozenset:
        return lambda data: frozenset(first(item) for item in _items(data))
    if len(readers) == 2:
        return lambda data: tuple(read(item) for read, item in zip(readers, _items(data), strict=True))
    return lambda data: tuple(first(item) for item in _items(data))


def _mapping(read_item: _Reader) -> _Reader:
    def read(data: JsonValue) -> object:
        if not isinstance(data, Mapping):
            raise ValueError(f"expected a mapping, found {type(data).__name__}")
        if len(data) == 1 and _PLAIN in data:
            return read(data[_PLAIN])
        return {key: read_item(item) for key, item in data.items()}

    return read


_free_mapping = _mapping(_free)


def _one_of(allowed: Sequence[object]) -> _Reader:
    is_text = all(isinstance(each, str) for each in allowed)

    def read(data: JsonValue) -> object:
        if data not in allowed:
            is_newer = is_text and isinstance(data, str)
            raise (UnknownPartError if is_newer else ValueError)(f"expected {allowed!r}, found {data!r}")
        return data

    return read


def _items(data: JsonValue) -> Sequence[JsonValue]:
    if not isinstance(data, list | tuple):
        raise ValueError(f"expected a list, found {type(data).__name__}")
    return data


def _strings(data: JsonValue) -> list[str]:
    return [str(item) for item in _items(data)]
