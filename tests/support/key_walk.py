"""Every key that a pydantic model accepts, sub-keys too, and what a test says of each: none may be silent.

Takes a model and a table of sayings by path, gives what is missing; proves a saying with documents that differ in one
key. A path is written "instance_groups[].networks[].static_ips"; "[]" is a list's member, "{}" a map's.
"""

import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

ABSENT = object()
"""The key is left out of the document."""

_ROOT = Path(__file__).parents[2]

Document = Any
"""A document as plain maps and lists."""


@dataclass(frozen=True, slots=True)
class Acts:
    """The key is acted on: two documents that differ in it alone have different outcomes."""

    before: object
    after: object
    under: Mapping[str, object] = field(default_factory=dict)
    """What else both documents say, by path."""


@dataclass(frozen=True, slots=True)
class Says:
    """The document is refused, or draws a remark, with this code, and is not without the key's value."""

    value: object
    code: str
    under: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ShownBy:
    """The key acts where an outcome does not reach: the named test ("path.py::name") shows it."""

    test: str


Saying = Acts | Says | ShownBy
Outcome = Callable[[Document], object]
"""What comes of a document: any value that can be compared. Refusals and remarks are in it as `codes_of` reads them."""


def keys_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Every key of the model by its path, in the order of its fields; a key with keys of its own counts too."""
    return tuple(_keys(model, "", ()))


def silent_keys(model: type[BaseModel], said: Mapping[str, Saying]) -> list[str]:
    """Keys without an entry, and entries without a key.

    What is refused or remarked whole speaks for its own keys, too.
    """
    keys = keys_of(model)
    refused = [key for key, saying in said.items() if isinstance(saying, Says)]
    missing = [
        f"{key}: nothing says what becomes of it"
        for key in keys
        if key not in said and not _has_inner(key, keys) and not any(_is_inner(key, of) for of in refused)
    ]
    return [*missing, *(f"{key}: the model has no such key" for key in said if key not in keys)]


def wrong_with(path: str, saying: Saying, base: Document, *, outcome: Outcome, codes_of: Outcome) -> str:
    """Why a saying is not so, "" when it is. `codes_of` gives the codes a document is refused or remarked with."""
    match saying:
        case Acts(before=before, after=after, under=under):
            shared = _with_all(base, under)
            first, second = (outcome(put(shared, path, value)) for value in (before, after))
            return f"{path}: {before!r} and {after!r} come to the same" if first == second else ""
        case Says(value=value, code=code, under=under):
            shared = _with_all(base, under)
            reported: Any = codes_of(put(shared, path, value))
            before_reported: Any = codes_of(put(shared, path, ABSENT))
            if code not in reported:
                return f"{path}: {value!r} is told {sorted(reported)}, not {code}"
            return f"{path}: {code} is told without it, too" if code in before_reported else ""
        case ShownBy(test=test):
            file, _, name = test.partition("::")
            there = _ROOT / file
            return "" if there.is_file() and f"def {name}(" in there.read_text() else f"{path}: there is no test {test}"


def put(document: Document, path: str, value: object) -> Document:
    """A copy of the document with the value at the path: in a list's first member, in a map's first value."""
    steps = path.replace("[]", ".[]").replace("{}", ".{}").split(".")
    return _put(document, steps, value)


def _put(document: Document, steps: Sequence[str], value: object) -> Document:
    if not steps:
        return value
    step, *rest = steps
    if step == "[]":
        first, *others = document or [{}]
        return [_put(first, rest, value), *others]
    name = next(iter(document or {"key": {}})) if step == "{}" else step
    members = dict(document or {})
    if not rest and value is ABSENT:
        members.pop(name, None)
        return members
    return {**members, name: _put(members.get(name), rest, value)}


def _with_all(document: Document, under: Mapping[str, object]) -> Document:
    for path, value in under.items():
        document = put(document, path, value)
    return document


def _has_inner(key: str, keys: Sequence[str]) -> bool:
    """A key whose own keys are spoken of needs no word of its own."""
    return any(_is_inner(other, key) for other in keys)


def _is_inner(key: str, of: str) -> bool:
    return key.startswith((f"{of}.", f"{of}[].", f"{of}{{}}."))


def _keys(model: type[BaseModel], prefix: str, above: tuple[type[BaseModel], ...]) -> Iterator[str]:
    for name, about in model.model_fields.items():
        path = f"{prefix}{about.alias or name}"
        yield path
        for suffix, inner in _models_in(about.annotation, ""):
            if inner not in above:
                yield from _keys(inner, f"{path}{suffix}.", (*above, model))


def _models_in(annotation: object, suffix: str) -> Iterator[tuple[str, type[BaseModel]]]:
    """The models in a field's type, with how a path goes to each."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield suffix, annotation
    elif origin is Annotated:
        yield from _models_in(inner[0], suffix)
    elif origin in (Union, types.UnionType):
        for each in inner:
            yield from _models_in(each, suffix)
    elif isinstance(origin, type) and issubclass(origin, Mapping):
        yield from _models_in(inner[1], f"{suffix}{{}}")
    elif isinstance(origin, type) and issubclass(origin, (tuple, list, Sequence)):
        for each in inner:
            yield from _models_in(each, f"{suffix}[]")
