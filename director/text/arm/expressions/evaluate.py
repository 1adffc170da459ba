"""An expression to its value.

Takes the parts of an expression and the names that are known where it is written, gives a value. What only a
deployment can supply stays a DeployedValue, and so does what is computed from it.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol, assert_never

from director.text.arm.budget import Budget
from director.text.arm.expressions.syntax import (
    Expression,
    FunctionCall,
    IndexAccess,
    IntegerLiteral,
    MemberAccess,
    TextLiteral,
    describe,
)
from director.text.arm.failures import ExpressionError
from director.text.arm.functions.access import index_value, read_member
from director.text.arm.functions.function import FunctionArguments, Functions
from director.text.arm.values import (
    Argument,
    DeployedValue,
    LambdaFunction,
    NotDeployedError,
    Value,
    secured,
    type_name,
)


class Names(Protocol):
    """What the place of an expression knows. All names ignore case; an unknown one raises ExpressionError."""

    @property
    def budget(self) -> Budget: ...
    @property
    def functions(self) -> Functions: ...
    def parameter(self, name: str) -> Value: ...
    def variable(self, name: str) -> Value: ...
    def copy_index(self, loop: str | None, offset: int) -> Value: ...
    def user_function(self, namespace: str, name: str, values: Sequence[Value]) -> Value: ...
    def deployed(self, call: FunctionCall, values: Sequence[Value]) -> Value:
        """What `reference`, `references`, `resourceInfo` and functions that begin with `list` return."""


def evaluate(expression: Expression, names: Names) -> Value:
    """Give the value of an expression. Raises ExpressionError with its column."""
    return _Evaluation(names, MappingProxyType({})).value(expression)


def is_deployed_function(name: str) -> bool:
    """Whether the function reads what a deployment made."""
    return name.lower() in {"reference", "references"} or is_list_function(name)


def is_list_function(name: str) -> bool:
    """Whether it is one of the functions of resource providers: listKeys, listSecrets, ..."""
    return name.lower().startswith("list")


def has_special_form(name: str) -> bool:
    """Whether the function is evaluated here, not in the tables of functions."""
    return name.lower() in _FORMS or name.lower() in {"lambda", "resourceinfo"} or is_deployed_function(name)


class _Evaluation:
    def __init__(self, names: Names, lambda_values: Mapping[str, Value]) -> None:
        self.names = names
        self.budget = names.budget
        self.lambda_values = lambda_values

    def value(self, expression: Expression) -> Value:
        self.budget.spend(1)
        match expression:
            case FunctionCall():
                return self._called(expression)
            case TextLiteral():
                return expression.text
            case IntegerLiteral():
                return expression.number
            case MemberAccess(target=target, name=name, column=column):
                found = self.value(target)
                return _located(column, lambda: read_member(found, name, describe(expression)))
            case IndexAccess(target=target, index=index, column=column):
                found, key = self.value(target), self.value(index)
                return _located(column, lambda: index_value(found, key, describe(expression)))
            case _:
                assert_never(expression)

    def _called(self, call: FunctionCall) -> Value:
        try:
            return self._measured(call)
        except NotDeployedError:
            return DeployedValue(origin=describe(call))
        except ExpressionError as error:
            error.column = error.column or call.column
            raise

    def _measured(self, call: FunctionCall) -> Value:
        form = _FORMS.get(call.name.lower()) if not call.namespace else None
        if form:
            return form(self, call)
        arguments = [self._argument(each) for each in call.arguments]
        budget = self.budget
        is_secure = False
        for each in arguments:
            is_secure = budget.spend_on(each).is_secure or is_secure
        result = self._run(call, arguments)
        budget.measure(result)
        return secured(result) if is_secure else result

    def _run(self, call: FunctionCall, arguments: list[Argument]) -> Value:
        given = FunctionArguments(name=call.name, values=arguments)
        if call.namespace:
            values = [given.any(index) for index in range(len(arguments))]
            return self.names.user_function(call.namespace, call.name, values)
        function = self.names.functions.get(call.name.lower())
        if function:
            function.check_arity(call.name, len(arguments))
            return function.run(given)
        if is_deployed_function(call.name) or call.name.lower() == "resourceinfo":
            return self.names.deployed(call, [given.any(index) for index in range(len(arguments))])
        raise ExpressionError(f"The template function '{call.name}' is not valid.")

    def _argument(self, expression: Expression) -> Argument:
        if isinstance(expression, FunctionCall) and expression.name.lower() == "lambda" and not expression.namespace:
            return self._lambda(expression)
        return self.value(expression)

    def _lambda(self, call: FunctionCall) -> LambdaFunction:
        *parameters, body = call.arguments or (call,)
        names = [each.text.lower() for each in parameters if isinstance(each, TextLiteral)]
        if not call.arguments or len(names) != len(parameters):
            raise ExpressionError(
                "The template function 'lambda' expects the names of its parameters as texts, and an expression.",
                column=call.column,
            )

        def run(values: Sequence[Value]) -> Value:
            inner = {**self.lambda_values, **dict(zip(names, values, strict=False))}
            return _Evaluation(self.names, inner).value(body)

        return LambdaFunction(arity=len(names), call=run)

    def _texts(self, call: FunctionCall, least: int, most: int) -> list[Value]:
        if not least <= len(call.arguments) <= most:
            wanted = str(least) if least == most else f"between {least} and {most}"
            raise ExpressionError(
                f"Unable to evaluate template language function '{call.name}': function requires {wanted} argument(s) "
                f"while {len(call.arguments)} were provided."
            )
        values = [self.value(each) for each in call.arguments]
        for each in values:
            if isinstance(each, DeployedValue):
                raise NotDeployedError(each)
        return values

    def parameters(self, call: FunctionCall) -> Value:
        """parameters('name')"""
        return self.names.parameter(_name(call, self._texts(call, 1, 1)[0]))

    def variables(self, call: FunctionCall) -> Value:
        """variables('name')"""
        return self.names.variable(_name(call, self._texts(call, 1, 1)[0]))

    def lambda_variables(self, call: FunctionCall) -> Value:
        """lambdaVariables('name')"""
        name = _name(call, self._texts(call, 1, 1)[0])
        if name.lower() not in self.lambda_values:
            raise ExpressionError(f"The template lambda variable '{name}' is not found.")
        return self.lambda_values[name.lower()]

    def copy_index(self, call: FunctionCall) -> Value:
        """copyIndex(), copyIndex(offset), copyIndex('loop'), copyIndex('loop', offset)"""
        values = self._texts(call, 0, 2)
        loop = values.pop(0) if values and isinstance(values[0], str) else None
        offset = values.pop(0) if values else 0
        if values or not isinstance(offset, int) or isinstance(offset, bool):
            raise ExpressionError("The template function 'copyIndex' expects the name of a loop, and a whole number.")
        return self.names.copy_index(loop if isinstance(loop, str) else None, offset)

    def choose(self, call: FunctionCall) -> Value:
        """if(condition, value, other): evaluates one of the two."""
        _require_arity(call, 3, 3)
        condition = self.value(call.arguments[0])
        if isinstance(condition, DeployedValue):
            return DeployedValue(origin=describe(call))
        if not isinstance(condition, bool):
            raise ExpressionError(
                f"The template language function '{call.name}' expects its first parameter to be of type 'Boolean'. "
                f"The provided value is of type '{type_name(condition)}'."
            )
        return self.value(call.arguments[1 if condition else 2])

    def coalesce(self, call: FunctionCall) -> Value:
        """coalesce(value, ...): the first that is not null; later ones are not evaluated."""
        _require_arity(call, 1, None)
        for each in call.arguments:
            value = self.value(each)
            if value is not None:
                return DeployedValue(origin=describe(call)) if isinstance(value, DeployedValue) else value
        return None

    def all_true(self, call: FunctionCall) -> Value:
        """and(value, ...): stops at the first false one."""
        return self._logical(call, decisive=False)

    def any_true(self, call: FunctionCall) -> Value:
        """or(value, ...): stops at the first true one."""
        return self._logical(call, decisive=True)

    def _logical(self, call: FunctionCall, *, decisive: bool) -> Value:
        _require_arity(call, 2, None)
        is_known = True
        for each in call.arguments:
            value = self.value(each)
            if isinstance(value, DeployedValue):
                is_known = False
            elif not isinstance(value, bool):
                raise ExpressionError(
                    f"The template language function '{call.name}' expects its parameters to be of type 'Boolean'. "
                    f"A provided value is of type '{type_name(value)}'."
                )
            elif value is decisive:
                return decisive
        return (not decisive) if is_known else DeployedValue(origin=describe(call))


_FORMS: Mapping[str, Callable[[_Evaluation, FunctionCall], Value]] = MappingProxyType(
    {
        "if": _Evaluation.choose,
        "and": _Evaluation.all_true,
        "or": _Evaluation.any_true,
        "coalesce": _Evaluation.coalesce,
        "parameters": _Evaluation.parameters,
        "variables": _Evaluation.variables,
        "lambdavariables": _Evaluation.lambda_variables,
        "copyindex": _Evaluation.copy_index,
    }
)


def _require_arity(call: FunctionCall, least: int, most: int | None) -> None:
    count = len(call.arguments)
    if count >= least and (most is None or count <= most):
        return
    wanted = f"at least {least}" if most is None else str(least)
    raise ExpressionError(
        f"Unable to evaluate template language function '{call.name}': function requires {wanted} argument(s) "
        f"while {count} were provided."
    )


def _name(call: FunctionCall, value: Value) -> str:
    if isinstance(value, str):
        return value
    raise ExpressionError(
        f"The template function '{call.name}' expects a name. The provided value is of type '{type_name(value)}'."
    )


def _located(column: int, read: Callable[[], Value]) -> Value:
    try:
        return read()
    except ExpressionError as error:
        error.column = error.column or column
        raise
