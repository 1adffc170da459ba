"""Members of objects and elements of arrays.

Takes a value and a name or an index, gives what is there.
"""

from director.text import nearest
from director.text.arm.failures import ExpressionError
from director.text.arm.values import (
    DeployedObject,
    DeployedValue,
    SecureText,
    Value,
    find_key,
    is_integer,
    quoted,
    type_name,
)

_MAX_LISTED = 400


def read_member(target: Value, name: str, origin: str) -> Value:
    """target.name; names ignore case, an exact one wins. `origin` is the expression as it was written."""
    if isinstance(target, DeployedValue):
        return DeployedValue(origin=origin)
    if not isinstance(target, dict):
        raise ExpressionError(
            f"The language expression property '{name}' can't be evaluated: the value is of type "
            f"'{type_name(target)}', and has no properties."
        )
    key = find_key(target, name)
    if key is not None:
        return _inside(target[key], origin) if isinstance(target, DeployedObject) else target[key]
    if isinstance(target, DeployedObject):
        return DeployedValue(origin=origin)
    listed = ", ".join(quoted(each) for each in target)
    known = [each for each in target if not isinstance(each, SecureText)]
    near = nearest.nearest_word(name, known) if len(known) <= _MAX_LISTED else ""
    raise ExpressionError(
        f"The language expression property '{name}' doesn't exist, available properties are "
        f"'{listed if len(listed) <= _MAX_LISTED else listed[:_MAX_LISTED] + '...'}'.",
        hint=f"Write '{near}'." if near else "",
    )


def _inside(value: Value, origin: str) -> Value:
    """A part of a deployed object: the cloud may add members to objects within it."""
    if isinstance(value, list):
        return [_inside(item, origin) for item in value]
    return DeployedObject(value, origin=origin) if type(value) is dict else value


def index_value(target: Value, key: Value, origin: str) -> Value:
    """target[key]: an array's element by number, an object's member by name."""
    if isinstance(target, DeployedValue) or isinstance(key, DeployedValue):
        return DeployedValue(origin=origin)
    if isinstance(target, list) and isinstance(key, int) and is_integer(key):
        if 0 <= key < len(target):
            return target[key]
        raise ExpressionError(f"The language expression property array index '{key:d}' is out of bounds.")
    if isinstance(key, str):
        return read_member(target, key, origin)
    raise ExpressionError(
        f"The language expression property '{quoted(key)}' can't be evaluated: a value of type '{type_name(target)}' "
        f"has no element by a value of type '{type_name(key)}'."
    )
