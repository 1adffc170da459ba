"""The functions of createUiDefinition.json.

Takes arguments, gives values. Those that do as the functions of templates are theirs; others have own names or types.
Source: MicrosoftDocs/azure-docs managed-applications/create-ui-definition-*-functions.md.
"""

import math
from collections.abc import Callable
from types import MappingProxyType

from director.text.arm.failures import ExpressionError
from director.text.arm.functions import table
from director.text.arm.functions.function import Function, FunctionArguments, Functions, by_name, fixed, ranged
from director.text.arm.values import Value, type_name

_SAME = (
    *("bool", "concat", "contains", "empty", "endsWith", "equals", "first", "float", "format", "indexOf", "int"),
    *("join", "last", "lastIndexOf", "length", "range", "replace", "skip", "split", "startsWith", "string"),
    *("substring", "take", "toLower", "toUpper", "trim"),
)
"""Functions that have the same name and meaning in templates."""

_RENAMED = {
    "parse": "json",
    "encodeBase64": "base64",
    "decodeBase64": "base64ToString",
    "encodeUriComponent": "uriComponent",
    "decodeUriComponent": "uriComponentToString",
}


def _number(arguments: FunctionArguments, index: int) -> float:
    value = arguments.known(index)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ExpressionError(
        f"The function '{arguments.name}' expects numbers. A provided value is of type '{type_name(value)}'."
    )


def _computed(compute: Callable[[float, float], float]) -> Callable[[FunctionArguments], Value]:
    def run(arguments: FunctionArguments) -> Value:
        one, other = _number(arguments, 0), _number(arguments, 1)
        if arguments.name.lower() in {"div", "mod"} and other == 0:
            raise ExpressionError(f"The function '{arguments.name}' cannot divide by zero.")
        try:
            return _plain(compute(one, other))
        except OverflowError as error:
            raise ExpressionError(f"The function '{arguments.name}' overflowed.") from error

    return run


def _rounded(compute: Callable[[float], int]) -> Callable[[FunctionArguments], Value]:
    return lambda arguments: compute(_number(arguments, 0))


def _chosen(choose: Callable[..., float]) -> Callable[[FunctionArguments], Value]:
    return lambda arguments: choose(*(_number(arguments, index) for index in range(len(arguments))))


def _plain(number: float) -> Value:
    return int(number) if isinstance(number, float) and number.is_integer() else number


def _ordered(decide: Callable[[bool, bool], bool]) -> Callable[[FunctionArguments], Value]:
    """`decide` takes whether the first value is the smaller one, and whether it is the larger one."""

    def run(arguments: FunctionArguments) -> Value:
        one, other = arguments.known(0), arguments.known(1)
        if isinstance(one, str) and isinstance(other, str):
            return decide(one < other, one > other)
        first, second = _number(arguments, 0), _number(arguments, 1)
        return decide(first < second, first > second)

    return run


def _flattened(arguments: FunctionArguments) -> Value:
    found: list[Value] = []
    for each in arguments.array(0):
        found.extend(each if isinstance(each, list) else [each])
    return found


def _renamed(name: str, original: str) -> Function:
    found = table.PURE[original.lower()]
    return Function(name=name, least=found.least, most=found.most, run=found.run)


_OWN = (
    fixed("add", 2, _computed(lambda one, other: one + other)),
    fixed("sub", 2, _computed(lambda one, other: one - other)),
    fixed("mul", 2, _computed(lambda one, other: one * other)),
    fixed("div", 2, _computed(lambda one, other: one / other)),
    fixed("mod", 2, _computed(math.fmod)),
    ranged("min", 2, None, run=_chosen(min)),
    ranged("max", 2, None, run=_chosen(max)),
    fixed("floor", 1, _rounded(math.floor)),
    fixed("ceil", 1, _rounded(math.ceil)),
    fixed("less", 2, _ordered(lambda is_less, _: is_less)),
    fixed("lessOrEquals", 2, _ordered(lambda _, is_more: not is_more)),
    fixed("greater", 2, _ordered(lambda _, is_more: is_more)),
    fixed("greaterOrEquals", 2, _ordered(lambda is_less, _: not is_less)),
    fixed("flatten", 1, _flattened),
)

FUNCTIONS: Functions = MappingProxyType(
    {
        **{name.lower(): table.PURE[name.lower()] for name in _SAME},
        **by_name((*_OWN, *(_renamed(name, original) for name, original in _RENAMED.items()))),
    }
)
"""By name in lower case."""
