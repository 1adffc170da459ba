"""Values of variables: each is evaluated when it is first read.

Takes the section of a template, gives values by name.
"""

from collections.abc import Callable

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.text.arm.failures import ExpressionError
from director.text.arm.template.nodes import Node, suggestion
from director.text.arm.template.trees import property_loops
from director.text.arm.values import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenVariable:
    """`is_loop`: the node is an element of the section's `copy`."""

    name: str
    node: Node
    is_loop: bool = False


class VariableValues:
    """The variables of one template. `evaluate` gives the value of one."""

    def __init__(self, section: Node | None, evaluate: Callable[[WrittenVariable], Value]) -> None:
        self._written = written_variables(section)
        self._evaluate = evaluate
        self._known: dict[str, Value] = {}
        self._failed: dict[str, InputError] = {}
        self._reading: list[str] = []

    @property
    def names(self) -> tuple[str, ...]:
        """All names as they are written."""
        return tuple(each.name for each in self._written.values())

    def value(self, name: str) -> Value:
        """The value of a variable. Raises ExpressionError, or the InputError of the variable itself."""
        key = name.lower()
        if key not in self._written:
            raise ExpressionError(f"The template variable '{name}' is not found.", hint=suggestion(name, self.names))
        if key in self._failed:
            raise self._failed[key]
        if key not in self._known:
            self._known[key] = self._read(key)
        return self._known[key]

    def _read(self, key: str) -> Value:
        if key in self._reading:
            names = (*self._reading[self._reading.index(key) :], key)
            spelled = " -> ".join(self._written[each].name for each in names)
            raise ExpressionError(f"Circular reference of variables: {spelled}.", hint="Write one of them out.")
        self._reading.append(key)
        try:
            return self._evaluate(self._written[key])
        except InputError as error:
            self._failed[key] = error
            raise
        finally:
            self._reading.pop()


def written_variables(section: Node | None) -> dict[str, WrittenVariable]:
    """The variables by their names in lower case, those of loops included."""
    if section is None:
        return {}
    loops = property_loops(section)
    plain = [WrittenVariable(name=name, node=child) for name, child in section.members()]
    found = {each.name.lower(): each for each in plain if loops is None or each.node.path != loops.path}
    for loop in loops.elements() if loops else ():
        name = loop.text("name") or ""
        found[name.lower()] = WrittenVariable(name=name, node=loop, is_loop=True)
    return found
