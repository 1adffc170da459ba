"""A piece of a template to its value: expressions are evaluated wherever they stand, property loops unrolled.

Takes a node and the names that are known there, gives a value.
"""

from typing import Protocol

from director.text.arm.expressions import evaluate, parse
from director.text.arm.expressions.syntax import Expression
from director.text.arm.failures import BudgetError, ExpressionError
from director.text.arm.template import problems
from director.text.arm.template.nodes import Node
from director.text.arm.values import DeployedValue, Value, type_name

MAX_COPIES = 800


class ParsedExpressions:
    """Expressions by their text: a loop evaluates the same ones many times."""

    def __init__(self) -> None:
        self._known: dict[str, Expression] = {}

    def parse(self, text: str) -> Expression:
        """Read an expression. Raises ExpressionSyntaxError."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = parse.parse_expression(text)
        return found


class LoopNames(evaluate.Names, Protocol):
    """Names that know the loops around a place."""

    @property
    def parsed(self) -> ParsedExpressions: ...
    def in_loop(self, loop: str, index: int) -> "LoopNames": ...


def evaluate_node(node: Node, names: LoopNames) -> Value:
    """Give the value of a node. Raises InputError."""
    names.budget.spend(1)
    value = node.value
    if isinstance(value, str):
        return evaluate_text(node, names) if value.startswith("[") else value
    if isinstance(value, list):
        return [evaluate_node(each, names) for each in node.elements()]
    return _evaluate_object(node, names) if isinstance(value, dict) else value  # type: ignore[return-value]


def evaluate_text(node: Node, names: LoopNames) -> Value:
    """Give the value of a string. Raises InputError."""
    text = str(node.value)
    if not parse.is_expression(text):
        return parse.literal(text)
    try:
        names.budget.descend()
        return evaluate.evaluate(names.parsed.parse(text), names)
    except ExpressionError as error:
        raise problems.of_expression(error, node) from error
    except RecursionError as error:
        too_deep = BudgetError("The template nests too deep to evaluate.", hint="Flatten it.")
        raise problems.of_expression(too_deep, node) from error
    finally:
        names.budget.ascend()


def property_loops(node: Node) -> Node | None:
    """The `copy` of an object that is unrolled: an array of loops."""
    found = node.member("copy")
    return found if found and found.is_array else None


def unroll(loop: Node, names: LoopNames) -> tuple[str, list[Value] | DeployedValue]:
    """The name of a property loop, and its values. Raises InputError."""
    name = loop.text("name")
    body = loop.member("input")
    if name is None or body is None:
        raise problems.of_template(
            "A loop needs a name, a count and an input.", loop, fix="Write {name, count, input}."
        )
    key = evaluate_text(Node(document=loop.document, value=name, path=loop.path), names)
    count = copy_count(loop, names)
    if isinstance(count, DeployedValue):
        return str(key), count
    return str(key), [evaluate_node(body, names.in_loop(str(key), index)) for index in range(count)]


def copy_count(loop: Node, names: LoopNames) -> int | DeployedValue:
    """The number of times of a loop. Raises InputError."""
    node = loop.member("count")
    if node is None:
        raise problems.of_template("A loop needs a count.", loop, fix="Add 'count'.")
    value = evaluate_node(node, names)
    if isinstance(value, DeployedValue):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 6:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise problems.of_template(
            f"The count of a loop must be a whole number. The provided value is of type '{type_name(value)}'.",
            node,
            fix="Give a number, or an expression such as [length(parameters('names'))].",
        )
    if not 0 <= value <= MAX_COPIES:
        raise problems.of_template(
            f"The count of a loop must be from 0 to {MAX_COPIES}, got {value:d}.", node, fix="Lower the count."
        )
    return value


def _evaluate_object(node: Node, names: LoopNames) -> Value:
    loops = property_loops(node)
    found: dict[str, Value] = {}
    for step, value in node.value.items():  # type: ignore[union-attr]  # the caller looked
        name = str(step)
        if loops is not None and step == loops.path[-1]:
            continue
        key = _key(name, node.child(step), names) if name.startswith("[") else name
        found[key] = value if _is_plain(value) else evaluate_node(node.child(step), names)  # type: ignore[assignment]
    for loop in loops.elements() if loops else ():
        key, values = unroll(loop, names)
        found[key] = values
    return found


def _is_plain(value: object) -> bool:
    """Whether it has neither expressions nor parts: no place is needed to evaluate it."""
    return not value.startswith("[") if isinstance(value, str) else not isinstance(value, list | dict)


def _key(name: str, child: Node, names: LoopNames) -> str:
    """A key as it is deployed, where it may be an expression."""
    written = Node(document=child.document, value=name, path=child.path)
    value = evaluate_text(written, names)
    if isinstance(value, str):
        return value
    if isinstance(value, DeployedValue):
        return name
    raise problems.of_template(
        f"The name of a property must be a string. The expression is of type '{type_name(value)}'.",
        written,
        fix="Wrap it in string(...).",
    )
