"""Functions that compare values, or have to do with true and false.

Takes arguments, gives values. `if`, `and`, `or` and `coalesce` do not evaluate all their arguments: evaluate.py has
them. Source: MicrosoftDocs/azure-docs template-functions-comparison.md @012c7002132a, -logical.md @1bc8a8067195.
"""

from collections.abc import Callable

from director.text.arm.functions.function import FunctionArguments, by_name, fixed
from director.text.arm.values import Value, are_equal, collation_key, is_integer, quoted


def _equals(arguments: FunctionArguments) -> Value:
    return are_equal(arguments.any(0), arguments.any(1))


def _ordered(decide: Callable[[int], bool]) -> Callable[[FunctionArguments], Value]:
    """`decide` takes a negative number if the first argument comes first, a positive one if the second does."""

    def run(arguments: FunctionArguments) -> Value:
        return decide(_compared(arguments))

    return run


def _compared(arguments: FunctionArguments) -> int:
    one, other = arguments.known(0), arguments.known(1)
    if isinstance(one, str) and isinstance(other, str):
        first, second = collation_key(one), collation_key(other)
        return (first > second) - (first < second)
    if isinstance(one, int) and isinstance(other, int) and is_integer(one) and is_integer(other):
        return (one > other) - (one < other)
    raise arguments.error(
        "expects two parameters of matching types: integers or "
        f"strings. The provided values are of type {arguments.types()}."
    )


def _not(arguments: FunctionArguments) -> Value:
    return not arguments.boolean(0)


def _bool(arguments: FunctionArguments) -> Value:
    value = arguments.known(0)
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise arguments.error(
        "was invoked with a parameter that is not valid. "
        f"The value cannot be converted to the target type: '{quoted(value)}'."
    )


FUNCTIONS = by_name(
    (
        fixed("equals", 2, _equals),
        fixed("less", 2, _ordered(lambda order: order < 0)),
        fixed("lessOrEquals", 2, _ordered(lambda order: order <= 0)),
        fixed("greater", 2, _ordered(lambda order: order > 0)),
        fixed("greaterOrEquals", 2, _ordered(lambda order: order >= 0)),
        fixed("not", 1, _not),
        fixed("bool", 1, _bool),
        fixed("true", 0, lambda _: True),
        fixed("false", 0, lambda _: False),
        fixed("null", 0, lambda _: None),
    )
)
