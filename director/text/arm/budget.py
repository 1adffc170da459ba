"""How much a template may ask for: work, and the sizes of values.

Takes nothing, gives a counter that refuses. A value that contains another one many times counts it each time, so that
a few lines cannot take more memory than the machine has.
"""

from typing import NamedTuple

from director.text.arm.failures import BudgetError
from director.text.arm.values import Argument, SecureInteger, SecureText, Value

MAX_STEPS = 2_000_000
"""Evaluated nodes and function calls of one template; a large template needs some hundred thousand."""
MAX_SIZE = 4 * 1024 * 1024
"""Characters and elements of one value: Azure Resource Manager takes templates of 4 MB."""
MAX_LEVELS = 100
"""Arrays and objects within each other, in one value."""
MAX_EVALUATIONS = 40
"""Expressions that are evaluated for each other: a variable that reads a variable, and so on."""
_SIZE_OF_STEP = 16


class Measure(NamedTuple):
    """What is known of a value without reading it again."""

    size: int
    levels: int
    is_secure: bool


_ATOM = Measure(1, 0, False)
_SECURE_ATOM = Measure(1, 0, True)
_SHORT_TEXTS = tuple(Measure(length + 1, 0, False) for length in range(256))
"""Texts of these lengths, measured once: nearly all texts are short."""


class Budget:
    """What one evaluation has left."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self._left = steps
        self._depth = 0
        self._known: dict[int, tuple[Argument, Measure]] = {}

    def spend(self, steps: int) -> None:
        """Count work. Raises BudgetError."""
        self._left -= steps
        if self._left < 0:
            raise BudgetError(
                "The template takes more work to evaluate than is allowed.",
                hint="Use fewer or smaller loops, lambdas and arrays.",
            )

    def descend(self) -> None:
        """Begin to evaluate an expression, maybe for another one. Raises BudgetError."""
        self._depth += 1
        if self._depth > MAX_EVALUATIONS:
            raise BudgetError(
                f"More than {MAX_EVALUATIONS} expressions are evaluated for each other.",
                hint="Let variables and functions of the template build on fewer others.",
            )

    def ascend(self) -> None:
        """End it."""
        self._depth -= 1

    def spend_on(self, value: Argument) -> Measure:
        """Count the work of reading a value once."""
        measure = self.measure(value)
        if measure.size >= _SIZE_OF_STEP:
            self.spend(measure.size // _SIZE_OF_STEP)
        return measure

    def measure(self, value: Argument) -> Measure:
        """Measure a value; containers are measured once. Raises BudgetError."""
        if type(value) is str and len(value) < len(_SHORT_TEXTS):
            return _SHORT_TEXTS[len(value)]
        if isinstance(value, str):
            return _within(Measure(len(value) + 1, 0, isinstance(value, SecureText) and value != ""))
        if not isinstance(value, list | dict):
            return _SECURE_ATOM if isinstance(value, SecureInteger) else _ATOM
        known = self._known.get(id(value))
        if known is None or known[0] is not value:
            known = (value, self._measure_container(value))
            self._known[id(value)] = known
        return known[1]

    def _measure_container(self, value: list[Value] | dict[str, Value]) -> Measure:
        self.spend(len(value))
        children = value if isinstance(value, list) else value.values()
        size = 2 + (sum(map(len, value)) if isinstance(value, dict) else 0)
        levels, is_secure = 0, False
        for child in children:
            measure = self.measure(child)
            size += measure.size
            levels = max(levels, measure.levels)
            is_secure = is_secure or measure.is_secure
        return _within(Measure(size, levels + 1, is_secure))


def check_size(size: int) -> None:
    """Refuse a value before it is made. Raises BudgetError."""
    if size > MAX_SIZE:
        raise BudgetError(f"A value would be larger than {MAX_SIZE} characters.", hint="Make smaller texts or arrays.")


def _within(measure: Measure) -> Measure:
    check_size(measure.size)
    if measure.levels > MAX_LEVELS:
        raise BudgetError(f"A value nests deeper than {MAX_LEVELS} levels.", hint="Flatten it.")
    return measure
