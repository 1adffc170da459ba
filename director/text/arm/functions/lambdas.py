"""Functions that take a lambda.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-lambda.md.
"""

from functools import cmp_to_key

from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import FunctionArguments, by_name, fixed, ranged
from director.text.arm.values import LambdaFunction, Value, require_deployed, type_name


def _filter(arguments: FunctionArguments) -> Value:
    test = _lambda(arguments, 1, most=2)
    items = arguments.array(0)
    return [item for index, item in enumerate(items) if _decision(arguments, _call(test, item, index))]


def _map(arguments: FunctionArguments) -> Value:
    change = _lambda(arguments, 1, most=2)
    return [_call(change, item, index) for index, item in enumerate(arguments.array(0))]


def _map_values(arguments: FunctionArguments) -> Value:
    change = _lambda(arguments, 1, most=1)
    return {key: change.call([value]) for key, value in arguments.object(0).items()}


def _reduce(arguments: FunctionArguments) -> Value:
    step = _lambda(arguments, 2, least=2, most=3)
    result = arguments.any(1)
    for index, item in enumerate(arguments.array(0)):
        result = step.call([result, item, index])
    return result


def _sort(arguments: FunctionArguments) -> Value:
    is_before = _lambda(arguments, 1, least=2, most=2)

    def compare(one: Value, other: Value) -> int:
        if _decision(arguments, is_before.call([one, other])):
            return -1
        return 1 if _decision(arguments, is_before.call([other, one])) else 0

    return sorted(arguments.array(0), key=cmp_to_key(compare))


def _to_object(arguments: FunctionArguments) -> Value:
    key_of = _lambda(arguments, 1, most=1)
    value_of = _lambda(arguments, 2, most=1) if len(arguments) > 2 else None
    items = arguments.array(0)
    return {_key(arguments, key_of.call([item])): value_of.call([item]) if value_of else item for item in items}


def _group_by(arguments: FunctionArguments) -> Value:
    key_of = _lambda(arguments, 1, most=2)
    value_of = _lambda(arguments, 2, most=2) if len(arguments) > 2 else None
    groups: dict[str, list[Value]] = {}
    for index, item in enumerate(arguments.array(0)):
        value = _call(value_of, item, index) if value_of else item
        groups.setdefault(_key(arguments, _call(key_of, item, index)), []).append(value)
    return dict(groups)


def _lambda(arguments: FunctionArguments, index: int, *, least: int = 1, most: int) -> LambdaFunction:
    found = arguments.function(index)
    if least <= found.arity <= most:
        return found
    wanted = str(least) if least == most else f"between {least} and {most}"
    raise arguments.error(f"expects a lambda function with {wanted} parameter(s); the provided one has {found.arity}.")


def _call(function: LambdaFunction, item: Value, index: int) -> Value:
    return function.call([item, index])


def _decision(arguments: FunctionArguments, value: Value) -> bool:
    require_deployed(value)
    if isinstance(value, bool):
        return value
    raise ExpressionError(
        f"The lambda function of '{arguments.name}' must return a value of type 'Boolean'. "
        f"The returned value is of type '{type_name(value)}'."
    )


def _key(arguments: FunctionArguments, value: Value) -> str:
    require_deployed(value)
    if isinstance(value, str):
        return value
    raise ExpressionError(
        f"The lambda function of '{arguments.name}' that gives keys must return a value of type 'String'. "
        f"The returned value is of type '{type_name(value)}'."
    )


FUNCTIONS = by_name(
    (
        fixed("filter", 2, _filter),
        fixed("map", 2, _map),
        fixed("mapValues", 2, _map_values),
        fixed("reduce", 3, _reduce),
        fixed("sort", 2, _sort),
        ranged("toObject", 2, 3, run=_to_object),
        ranged("groupBy", 2, 3, run=_group_by),
    )
)
