"""Whether what a file holds is the record it should be: all keys, each of its kind.

Takes parsed JSON and a TypedDict, gives yes or no. Other keys come from another version and are ignored.
"""

from collections.abc import Mapping
from functools import cache
from typing import get_args, get_origin, get_type_hints, is_typeddict


def fits(record: object, shape: type) -> bool:
    """Whether a reader may take every key of `shape` from the record."""
    if not isinstance(record, dict):
        return False
    required: frozenset[str] = getattr(shape, "__required_keys__", frozenset())
    return required <= record.keys() and all(
        _is_kind(record[name], kind) for name, kind in _hints(shape).items() if name in record
    )


@cache
def _hints(shape: type) -> Mapping[str, object]:
    return get_type_hints(shape)


def _is_kind(value: object, kind: object) -> bool:
    if isinstance(kind, type) and is_typeddict(kind):
        return fits(value, kind)
    origin = get_origin(kind)
    if origin is list:
        return isinstance(value, list) and all(_is_kind(each, get_args(kind)[0]) for each in value)
    if origin is not None:
        return isinstance(value, dict)
    return not isinstance(kind, type) or isinstance(value, kind)
