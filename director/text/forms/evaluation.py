"""A string of a createUiDefinition.json to its value.

Takes text and what was answered so far, gives a value. What was not answered is null.
"""

import uuid
from collections.abc import Mapping
from dataclasses import field
from typing import assert_never

from cpi.contract.value_classes import dataclass
from director.text import nearest
from director.text.arm.budget import Budget
from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import FunctionArguments
from director.text.arm.values import Value, find_key, is_integer, type_name
from director.text.forms import parsing
from director.text.forms.functions import FUNCTIONS
from director.text.forms.parsing import (
    ArrayParts,
    CalledFunction,
    Constant,
    FormExpression,
    ItemFunction,
    NamedItem,
    ObjectParts,
    Selection,
)

_MAX_STEPS = 100_000
_LAZY = frozenset({"and", "or", "not", "if", "coalesce"})
_OF_ITEMS = frozenset({"map", "filter"})
_PORTAL = frozenset({"utcnow", "addseconds", "addminutes", "addhours", "rand", "newguid"})
"""Functions whose value is another one at each call: the portal's clock and random numbers."""
_GUID = "guid"


@dataclass(frozen=True, slots=True, kw_only=True)
class FormAnswers:
    """Values by element: those of the step `basics`, and of each other step; then what is known of the place.

    `seed` makes the values of guid(): the same at one place of the form as long as it is filled in.
    """

    basics: Mapping[str, Value] = field(default_factory=dict, repr=False)
    steps: Mapping[str, Mapping[str, Value]] = field(default_factory=dict, repr=False)
    seed: str = ""
    location: str = ""
    resource_group: str = ""
    subscription: Mapping[str, Value] = field(default_factory=dict)


def evaluate_text(text: str, answers: FormAnswers) -> Value:
    """The value of an expression, or the text itself where it is none. Raises ExpressionError."""
    if not parsing.is_expression(text):
        return text
    return _FormEvaluation(answers, Budget(_MAX_STEPS), {}).value(parsing.parse_expression(text))


def evaluate_value(value: Value, answers: FormAnswers) -> Value:
    """A value with all expressions in it evaluated. Raises ExpressionError."""
    match value:
        case str():
            return evaluate_text(value, answers)
        case list():
            return [evaluate_value(each, answers) for each in value]
        case dict():
            return {name: evaluate_value(each, answers) for name, each in value.items()}
        case _:
            return value


class _FormEvaluation:
    def __init__(self, answers: FormAnswers, budget: Budget, items: Mapping[str, Value]) -> None:
        self._answers = answers
        self._budget = budget
        self._items = items

    def value(self, expression: FormExpression) -> Value:
        self._budget.spend(1)
        match expression:
            case Constant(value=value):
                return value
            case ArrayParts(items=items):
                return [self.value(each) for each in items]
            case ObjectParts(members=members):
                return {name: self.value(each) for name, each in members}
            case NamedItem(name=name, column=column):
                return self._item(name, column)
            case Selection():
                return self._selected(expression)
            case CalledFunction():
                return self._located(expression)
            case ItemFunction():
                raise ExpressionError("A lambda is an argument of 'map' or 'filter' alone.")
            case _:
                assert_never(expression)

    def _item(self, name: str, column: int) -> Value:
        if name in self._items:
            return self._items[name]
        raise ExpressionError(
            f"The name '{name}' has no value.", hint=f"Write {name}(...), or '{name}'.", column=column
        )

    def _selected(self, selection: Selection) -> Value:
        """A member or an element; of null, and where there is none, null."""
        target, key = self.value(selection.target), self.value(selection.key)
        if target is None:
            return None
        if isinstance(target, dict) and isinstance(key, str):
            found = find_key(target, key)
            return target[found] if found is not None else None
        if isinstance(target, list) and isinstance(key, int) and is_integer(key):
            return target[key] if 0 <= key < len(target) else None
        raise ExpressionError(
            f"A value of type '{type_name(target)}' has no element by a value of type '{type_name(key)}'.",
            column=selection.column,
        )

    def _located(self, call: CalledFunction) -> Value:
        try:
            result = self._called(call)
            self._budget.measure(result)
        except ExpressionError as error:
            error.column = error.column or call.column
            raise
        return result

    def _called(self, call: CalledFunction) -> Value:
        name = call.name.lower()
        if name in _LAZY:
            return self._lazy(name, call)
        if name in _OF_ITEMS:
            return self._of_items(name, call)
        arguments = [self.value(each) for each in call.arguments]
        if name == _GUID and not arguments and self._answers.seed:
            return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._answers.seed} {call.column}"))
        if name in _PLACES:
            return self._of_place(name, call, arguments)
        function = FUNCTIONS.get(name)
        if function is None:
            raise _unknown(call.name)
        function.check_arity(call.name, len(arguments))
        try:
            return function.run(FunctionArguments(name=call.name, values=arguments))
        except ExpressionError:
            if None in arguments:  # of an element without an answer so far
                return None
            raise

    def _of_place(self, name: str, call: CalledFunction, arguments: list[Value]) -> Value:
        answers = self._answers
        if name in {"basics", "steps"}:
            if len(arguments) != 1 or not isinstance(arguments[0], str):
                raise ExpressionError(f"The function '{call.name}' expects the name of an element or a step.")
            if name == "basics":
                return answers.basics.get(arguments[0])
            return dict(answers.steps.get(arguments[0], {}))
        if arguments:
            raise ExpressionError(f"The function '{call.name}' expects no arguments.")
        group: dict[str, Value] = {"name": answers.resource_group, "location": answers.location, "mode": "New"}
        known: dict[str, Value] = {"location": answers.location, "resourcegroup": group}
        return known.get(name, dict(answers.subscription))

    def _lazy(self, name: str, call: CalledFunction) -> Value:
        """Functions that do not evaluate all their arguments, or take what was not answered for false."""
        if name == "not":
            if len(call.arguments) != 1:
                raise ExpressionError("The function 'not' expects one argument.")
            return not self._is_true(call, call.arguments[0])
        if name == "if":
            if len(call.arguments) != 3:
                raise ExpressionError("The function 'if' expects three arguments.")
            return self.value(call.arguments[1 if self._is_true(call, call.arguments[0]) else 2])
        if name == "coalesce":
            values = (self.value(each) for each in call.arguments)
            return next((value for value in values if value is not None), None)
        decisive = name == "or"
        decided = any(self._is_true(call, each) is decisive for each in call.arguments)
        return decisive if decided else not decisive

    def _is_true(self, call: CalledFunction, expression: FormExpression) -> bool:
        value = self.value(expression)
        if value is None:  # an element that was not shown
            return False
        if isinstance(value, bool):
            return value
        raise ExpressionError(f"The function '{call.name}' expects true or false, got '{type_name(value)}'.")

    def _of_items(self, name: str, call: CalledFunction) -> Value:
        if len(call.arguments) != 2 or not isinstance(call.arguments[1], ItemFunction):
            raise ExpressionError(f"The function '{call.name}' expects an array and a lambda: (item) => ...")
        items, function = self.value(call.arguments[0]), call.arguments[1]
        if not isinstance(items, list):
            raise ExpressionError(f"The function '{call.name}' expects an array, got '{type_name(items)}'.")
        found = [(item, self._with(function.item, item).value(function.body)) for item in items]
        return [value for _, value in found] if name == "map" else [item for item, value in found if value is True]

    def _with(self, name: str, value: Value) -> "_FormEvaluation":
        return _FormEvaluation(self._answers, self._budget, {**self._items, name: value})


_PLACES = frozenset({"basics", "steps", "location", "resourcegroup", "subscription"})


def _unknown(name: str) -> ExpressionError:
    if name.lower() in _PORTAL | {_GUID}:
        return ExpressionError(
            f"The function '{name}' is not available: its value is another one at each call.",
            hint="Use it in the template's own defaults instead.",
        )
    known = sorted({*(function.name for function in FUNCTIONS.values()), *_LAZY, *_OF_ITEMS, *_PLACES, _GUID})
    near = nearest.nearest_word(name, known)
    return ExpressionError(f"The function '{name}' does not exist in forms.", hint=f"Write '{near}'." if near else "")
