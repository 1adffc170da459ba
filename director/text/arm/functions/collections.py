"""Functions that take arrays, and strings or objects as well.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-array.md @15d4270c5264.
"""

from collections.abc import Sequence

from director.text.arm.budget import check_size
from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import Function, FunctionArguments, by_name, fixed, ranged, render
from director.text.arm.values import (
    MAX_INTEGER,
    Value,
    are_equal,
    equality_key,
    find_key,
    is_integer,
    type_name,
)

_MAX_RANGE = 10_000


def _array(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    return value if isinstance(value, list) else [value]


def _create_array(arguments: FunctionArguments) -> Value:
    return [arguments.any(index) for index in range(len(arguments))]


def _concat(arguments: FunctionArguments) -> Value:
    values = [arguments.known(index) for index in range(len(arguments))]
    arrays = [value for value in values if isinstance(value, list)]
    if len(arrays) not in {0, len(values)}:
        raise ExpressionError(
            f"The provided parameters for language function '{arguments.name}' are invalid. Either all or none of the "
            "parameters must be an array."
        )
    if arrays:
        return _joined(arrays)
    pieces = [_scalar(arguments, value) for value in values]
    check_size(sum(map(len, pieces)))
    return "".join(pieces)


def _scalar(arguments: FunctionArguments, value: Value) -> str:
    if isinstance(value, dict):
        raise ExpressionError(
            f"The provided parameters for language function '{arguments.name}' are invalid: a value of type 'Object' "
            "has no text."
        )
    return render(value)


def _contains(arguments: FunctionArguments) -> Value:
    container, item = arguments.known(0), arguments.any(1)
    if isinstance(container, str):
        return render(arguments.known(1)) in container
    if isinstance(container, list):
        return any(are_equal(each, item) for each in container)
    if isinstance(container, dict):
        return find_key(container, arguments.text(1)) is not None
    return arguments.refuse_type(0, "String, Array or Object")


def _empty(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    if value is None:
        return True
    if isinstance(value, str | list | dict):
        return not value
    return arguments.refuse_type(0, "String, Array or Object")


def _first(arguments: FunctionArguments) -> Value:
    return _end(arguments, 0)


def _last(arguments: FunctionArguments) -> Value:
    return _end(arguments, -1)


def _end(arguments: FunctionArguments, index: int) -> Value:
    value = arguments.known(0)
    if isinstance(value, str):
        return value[index] if value else ""
    if isinstance(value, list):
        return value[index] if value else None
    raise arguments.unexpected(value, "its parameter be an array or a string")


def _index_of(arguments: FunctionArguments) -> Value:
    container, item = arguments.known(0), arguments.any(1)
    if isinstance(container, list):
        return next((index for index, each in enumerate(container) if are_equal(each, item)), -1)
    text, part = arguments.two_texts()
    return text.lower().find(part.lower())


def _last_index_of(arguments: FunctionArguments) -> Value:
    container, item = arguments.known(0), arguments.any(1)
    if isinstance(container, list):
        return max((index for index, each in enumerate(container) if are_equal(each, item)), default=-1)
    text, part = arguments.two_texts()
    return text.lower().rfind(part.lower())


def _length(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    if isinstance(value, str | list | dict):
        return len(value)
    raise arguments.unexpected(value, "its parameter to be an array, object, or a string")


def _skip(arguments: FunctionArguments) -> Value:
    value, count = arguments.known(0), max(0, arguments.integer(1))
    return value[count:] if isinstance(value, str | list) else arguments.refuse_type(0, "String or Array")


def _take(arguments: FunctionArguments) -> Value:
    value, count = arguments.known(0), max(0, arguments.integer(1))
    return value[:count] if isinstance(value, str | list) else arguments.refuse_type(0, "String or Array")


def _flatten(arguments: FunctionArguments) -> Value:
    rows = arguments.array(0)
    arrays = [row for row in rows if isinstance(row, list)]
    if len(arrays) != len(rows):
        raise arguments.error("expects an array of arrays.")
    return _joined(arrays)


def _intersection(arguments: FunctionArguments) -> Value:
    values = [arguments.known(index) for index in range(len(arguments))]
    arrays = [value for value in values if isinstance(value, list)]
    objects = [value for value in values if isinstance(value, dict)]
    if len(arrays) == len(values):
        others = [{equality_key(item) for item in array} for array in arrays[1:]]
        return [item for item in _distinct(arrays[0]) if all(equality_key(item) in other for other in others)]
    if len(objects) == len(values):
        return _common_members(objects)
    return _refuse_mix(arguments)


def _common_members(objects: Sequence[dict[str, Value]]) -> dict[str, Value]:
    first, *others = objects
    found: dict[str, Value] = {}
    for key, value in first.items():
        if not all(key in other for other in others):
            continue
        nested = [other[key] for other in others]
        inner = [each for each in (value, *nested) if isinstance(each, dict)]
        if len(inner) == len(objects):
            found[key] = _common_members(inner)
        elif all(are_equal(value, each) for each in nested):
            found[key] = value
    return found


def _union(arguments: FunctionArguments) -> Value:
    values = [value for index in range(len(arguments)) if (value := arguments.known(index)) is not None]
    arrays = [value for value in values if isinstance(value, list)]
    objects = [value for value in values if isinstance(value, dict)]
    if arrays and len(arrays) == len(values):
        return _distinct(_joined(arrays))
    if len(objects) != len(values):
        return _refuse_mix(arguments)
    merged: dict[str, Value] = {}
    for each in objects:
        merged = _merged(merged, each)
    return merged


def _merged(one: dict[str, Value], other: dict[str, Value]) -> dict[str, Value]:
    found = dict(one)
    for key, value in other.items():
        before = found.get(key)
        is_nested = isinstance(before, dict) and isinstance(value, dict)
        found[key] = _merged(before, value) if is_nested else value  # type: ignore[arg-type]  # both are objects
    return found


def _distinct_items(arguments: FunctionArguments) -> Value:
    return _distinct(arguments.array(0))


def _range(arguments: FunctionArguments) -> Value:
    start, count = arguments.integer(0), arguments.integer(1)
    if not 0 <= count <= _MAX_RANGE or start + count > 2**31 - 1 or start < -MAX_INTEGER:
        raise arguments.error(
            f"expects a count from 0 to {_MAX_RANGE}, and a start "
            f"and count whose sum is 2147483647 at most. The provided values are '{start:d}' and '{count:d}'."
        )
    return list(range(start, start + count))


def _index_from_end(arguments: FunctionArguments) -> Value:
    items, index = arguments.array(0), arguments.integer(1)
    if 1 <= index <= len(items):
        return items[-index]
    raise ExpressionError(f"The language expression property array index '{index:d}' from the end is out of bounds.")


def _try_index_from_end(arguments: FunctionArguments) -> Value:
    items, index = arguments.array(0), arguments.integer(1)
    return items[-index] if 1 <= index <= len(items) else None


def _try_get(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    for position in range(1, len(arguments)):
        key = arguments.known(position)
        if value is None and position > 1:
            return None
        value = _element(arguments, value, key)
    return value


def _element(arguments: FunctionArguments, container: Value, key: Value) -> Value:
    if isinstance(container, dict) and isinstance(key, str):
        found = find_key(container, key)
        return container[found] if found is not None else None
    if isinstance(container, list) and isinstance(key, int) and is_integer(key):
        return container[key] if 0 <= key < len(container) else None
    raise arguments.error(f"cannot read a value of type '{type_name(container)}' by a key of type '{type_name(key)}'.")


def _joined(arrays: Sequence[list[Value]]) -> list[Value]:
    check_size(sum(map(len, arrays)))
    return [item for array in arrays for item in array]


def _distinct(items: list[Value]) -> list[Value]:
    found: dict[object, Value] = {}
    for item in items:
        found.setdefault(equality_key(item), item)
    return list(found.values())


def _refuse_mix(arguments: FunctionArguments) -> Value:
    raise arguments.error(f"expects either arrays or objects. The provided values are of type {arguments.types()}.")


def _concat_arity(name: str, _: int) -> str:
    return (
        f"Unable to evaluate template language function '{name}'. At least one parameter should be provided. "
        "Give it texts or arrays."
    )


def _length_arity(name: str, count: int) -> str:
    return (
        f"The template language function '{name}' expects exactly one parameter: an array, object, or a string the "
        f"length of which is returned. The function was invoked with '{count}' parameters."
    )


FUNCTIONS = by_name(
    (
        fixed("array", 1, _array),
        ranged("createArray", 0, None, run=_create_array),
        Function(name="concat", least=1, most=None, run=_concat, arity_error=_concat_arity),
        fixed("contains", 2, _contains),
        fixed("empty", 1, _empty),
        fixed("first", 1, _first),
        fixed("last", 1, _last),
        fixed("indexOf", 2, _index_of),
        fixed("lastIndexOf", 2, _last_index_of),
        Function(name="length", least=1, most=1, run=_length, arity_error=_length_arity),
        fixed("skip", 2, _skip),
        fixed("take", 2, _take),
        fixed("flatten", 1, _flatten),
        ranged("intersection", 2, None, run=_intersection),
        ranged("union", 2, None, run=_union),
        fixed("distinct", 1, _distinct_items),
        fixed("range", 2, _range),
        fixed("indexFromEnd", 2, _index_from_end),
        fixed("tryIndexFromEnd", 2, _try_index_from_end),
        ranged("tryGet", 2, None, run=_try_get),
    )
)
