"""Functions on numbers: whole ones have 64 bits, and an overflow is an error.

Takes arguments, gives values. Source: MicrosoftDocs/azure-docs template-functions-numeric.md.
"""

import re
from collections.abc import Callable

from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import FunctionArguments, by_name, fixed, ranged
from director.text.arm.values import MAX_INTEGER, MIN_INTEGER, Value, is_integer, quoted, require_deployed, type_name

_INTEGER = re.compile(r"[+-]?[0-9]{1,40}\Z")
_FLOAT = re.compile(r"[+-]?[0-9]{0,40}+\.?[0-9]{0,40}(?:[eE][+-]?[0-9]{1,3})?\Z")


def _arithmetic(compute: Callable[[int, int], int]) -> Callable[[FunctionArguments], Value]:
    def run(arguments: FunctionArguments) -> Value:
        one, other = arguments.integer(0), arguments.integer(1)
        result = compute(one, other)
        if MIN_INTEGER <= result <= MAX_INTEGER:
            return result
        raise arguments.error(
            f"overflowed with the operants '{quoted(arguments.any(0))}' and '{quoted(arguments.any(1))}'."
        )

    return run


def _divided(one: int, other: int) -> int:
    if other == 0:
        raise ExpressionError("The template language function 'div' cannot divide by zero.")
    quotient = abs(one) // abs(other)
    return quotient if (one < 0) == (other < 0) else -quotient


def _remainder(one: int, other: int) -> int:
    if other == 0:
        raise ExpressionError("The template language function 'mod' cannot divide by zero.")
    rest = abs(one) % abs(other)
    return -rest if one < 0 else rest


def _int(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    if isinstance(value, int) and is_integer(value):
        return value
    if isinstance(value, float):
        return int(value)
    if isinstance(value, str) and _INTEGER.match(value.strip()):
        number = int(value)
        if MIN_INTEGER <= number <= MAX_INTEGER:
            return number
    raise arguments.error(f"cannot convert provided value '{quoted(value)}' to integer value.")


def _float(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if (
        isinstance(value, str)
        and _FLOAT.match(value.strip())
        and any(char.isdigit() for char in value.lower().split("e")[0])
    ):
        number = float(value)
        if abs(number) != float("inf"):
            return number
    raise arguments.error(f"cannot convert provided value '{quoted(value)}' to a floating point value.")


def _extreme(choose: Callable[[list[int]], int]) -> Callable[[FunctionArguments], Value]:
    def run(arguments: FunctionArguments) -> Value:
        numbers: list[int] = []
        for index in range(len(arguments)):
            value = arguments.known(index)
            numbers.extend(_integer(each, arguments.name) for each in (value if isinstance(value, list) else [value]))
        if not numbers:
            raise arguments.error("expects at least one number.")
        return choose(numbers)

    return run


def _integer(value: Value, function: str) -> int:
    require_deployed(value)
    if isinstance(value, int) and is_integer(value):
        return value
    raise ExpressionError(
        f"The template language function '{function}' expects its parameters to be integers or an array of integers. "
        f"A provided value is of type '{type_name(value)}'."
    )


FUNCTIONS = by_name(
    (
        fixed("add", 2, _arithmetic(lambda one, other: one + other)),
        fixed("sub", 2, _arithmetic(lambda one, other: one - other)),
        fixed("mul", 2, _arithmetic(lambda one, other: one * other)),
        fixed("div", 2, _arithmetic(_divided)),
        fixed("mod", 2, _arithmetic(_remainder)),
        fixed("int", 1, _int),
        fixed("float", 1, _float),
        ranged("min", 1, None, run=_extreme(min)),
        ranged("max", 1, None, run=_extreme(max)),
    )
)
