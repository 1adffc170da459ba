"""A built-in function, and the arguments that it is called with.

Takes values, gives them in the types that a function needs, or the words of Azure Resource Manager why not.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NoReturn

from cpi.contract.value_classes import dataclass
from director.text.arm.failures import ExpressionError
from director.text.arm.values import (
    Argument,
    DeployedValue,
    LambdaFunction,
    NotDeployedError,
    Value,
    compact_json,
    is_integer,
    require_deployed,
    type_name,
)


class FunctionArguments:
    """The arguments of one call. `name` is the function's, as it was written. Each call makes one: it is plain."""

    __slots__ = ("name", "values")

    def __init__(self, name: str, values: Sequence[Argument]) -> None:
        self.name = name
        self.values = values

    def __len__(self) -> int:
        return len(self.values)

    def any(self, index: int) -> Value:
        """A value of any type but a lambda."""
        value = self.values[index]
        if isinstance(value, LambdaFunction):
            raise ExpressionError(f"The template function 'lambda' is not expected as an argument of '{self.name}'.")
        return value

    def known(self, index: int) -> Value:
        """A value of any type that is known before the deployment."""
        value = self.any(index)
        require_deployed(value)
        return value

    def text(self, index: int) -> str:
        """A string."""
        value = self.known(index)
        return value if isinstance(value, str) else self.refuse_type(index, "String")

    def integer(self, index: int) -> int:
        """A whole number."""
        value = self.known(index)
        return value if isinstance(value, int) and is_integer(value) else self.refuse_type(index, "Integer")

    def boolean(self, index: int) -> bool:
        """True or false."""
        value = self.known(index)
        return value if isinstance(value, bool) else self.refuse_type(index, "Boolean")

    def array(self, index: int) -> list[Value]:
        """An array; its elements may be known after the deployment alone."""
        value = self.known(index)
        return value if isinstance(value, list) else self.refuse_type(index, "Array")

    def object(self, index: int) -> dict[str, Value]:
        """An object; likewise."""
        value = self.known(index)
        return value if isinstance(value, dict) else self.refuse_type(index, "Object")

    def texts(self, start: int = 0) -> list[str]:
        """All arguments from there on, as strings."""
        return [self.text(index) for index in range(start, len(self.values))]

    def two_texts(self) -> tuple[str, str]:
        """The first two arguments, as strings."""
        one, other = self.known(0), self.known(1)
        if isinstance(one, str) and isinstance(other, str):
            return one, other
        raise self.error(
            f"expects its parameters to be of type string and string. The provided value is of type {self.types()}."
        )

    def function(self, index: int) -> LambdaFunction:
        """A lambda."""
        value = self.values[index]
        if isinstance(value, LambdaFunction):
            return value
        raise self.unexpected(value, f"its {_ordinal(index)} parameter to be a lambda function")

    def types(self) -> str:
        """The types of the arguments as a message lists them."""
        return " and ".join(f"'{type_name(value)}'" for value in self.values)

    def refuse_type(self, index: int, expected: str) -> NoReturn:
        """Report an argument of the wrong type."""
        which = "parameter" if len(self.values) == 1 else f"{_ordinal(index)} parameter"
        raise self.unexpected(self.values[index], f"its {which} to be of type '{expected}'")

    def unexpected(self, value: Argument, expected: str) -> ExpressionError:
        """An argument, or a part of one, that has another type than the `expected` one."""
        return self.error(f"expects {expected}. The provided value is of type '{type_name(value)}'.")

    def error(self, problem: str) -> ExpressionError:
        """The function's name, and what is wrong with its arguments."""
        return ExpressionError(f"The template language function '{self.name}' {problem}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """`most` is None if there is no limit. `arity_error` takes the name and the number of arguments."""

    name: str
    least: int
    most: int | None
    run: Callable[[FunctionArguments], Value]
    arity_error: Callable[[str, int], str] | None = None

    def check_arity(self, name: str, count: int) -> None:
        """Raise ExpressionError unless the function takes so many arguments."""
        if count >= self.least and (self.most is None or count <= self.most):
            return
        if self.arity_error:
            raise ExpressionError(self.arity_error(name, count))
        raise ExpressionError(
            f"Unable to evaluate template language function '{name}': function requires {self._wanted()} argument(s) "
            f"while {count} were provided."
        )

    def _wanted(self) -> str:
        if self.most is None:
            return f"at least {self.least}"
        return str(self.least) if self.least == self.most else f"between {self.least} and {self.most}"


Functions = Mapping[str, Function]
"""Functions by name in lower case: names ignore case."""


def fixed(name: str, count: int, run: Callable[[FunctionArguments], Value]) -> Function:
    """A function that takes so many arguments."""
    return Function(name=name, least=count, most=count, run=run)


def ranged(name: str, least: int, most: int | None, *, run: Callable[[FunctionArguments], Value]) -> Function:
    """A function whose number of arguments varies."""
    return Function(name=name, least=least, most=most, run=run)


def by_name(functions: Iterable[Function]) -> Functions:
    """The functions by their names in lower case."""
    return {function.name.lower(): function for function in functions}


def render(value: Value) -> str:
    """A value as text, as `string` does it. Raises NotDeployedError."""
    match value:
        case None:
            return ""
        case DeployedValue():
            raise NotDeployedError(value)
        case str():
            return value
        case bool():
            return "True" if value else "False"
        case int():
            return f"{value:d}"
        case _:
            return compact_json(value)


def _ordinal(index: int) -> str:
    names = ("first", "second", "third", "fourth")
    return names[index] if index < len(names) else f"{index + 1}th"
