"""Functions on objects alone.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-object.md.
"""

from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import FunctionArguments, by_name, fixed, ranged
from director.text.arm.values import Value, collation_key, find_key, require_deployed


def _create_object(arguments: FunctionArguments) -> Value:
    if len(arguments) % 2:
        raise arguments.error(f"expects an even number of parameters: keys and values. {len(arguments)} were provided.")
    return {arguments.text(index): arguments.any(index + 1) for index in range(0, len(arguments), 2)}


def _items(arguments: FunctionArguments) -> Value:
    found = arguments.object(0)
    return [{"key": key, "value": found[key]} for key in sorted(found, key=collation_key)]


def _object_keys(arguments: FunctionArguments) -> Value:
    return [*sorted(arguments.object(0), key=collation_key)]


def _shallow_merge(arguments: FunctionArguments) -> Value:
    merged: dict[str, Value] = {}
    for each in arguments.array(0):
        require_deployed(each)
        if not isinstance(each, dict):
            raise arguments.error("expects an array of objects.")
        for key, value in each.items():
            merged[find_key(merged, key) or key] = value
    return merged


def _fail(arguments: FunctionArguments) -> Value:
    raise ExpressionError(arguments.text(0))


FUNCTIONS = by_name(
    (
        ranged("createObject", 0, None, run=_create_object),
        fixed("items", 1, _items),
        fixed("objectKeys", 1, _object_keys),
        fixed("shallowMerge", 1, _shallow_merge),
        fixed("fail", 1, _fail),
    )
)
