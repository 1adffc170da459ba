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
    if isinstance(node.value, str):
        return evaluate_text(node, names)
    if node.is_array:
        return [evaluate_node(each, names) for each in node.elements()]
    if node.is_object:
        return _evaluate_object(node, names)
    return node.value  # type: ignore[return-value]  # nothing else is left


def evaluate_text(node: Node, names: LoopNames) -> Value:
    """Give the value of a string. Raises InputError."""
    text = str(node.value)
    if not parse.is_expression(text):
        return parse.literal(text)
    try:
        with names.budget.deeper():
            return evaluate.evaluate(names.parsed.parse(text), names)
    except ExpressionError as error:
        raise problems.of_expression(error, node) from error
    except RecursionError as error:
        too_deep = BudgetError("The template nests too deep to evaluate.", hint="Flatten it.")
        raise problems.of_expression(too_deep, node) from error


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
    for name, child in node.members():
        if loops is None or child.path != loops.path:
            key = _key(name, child, names)
            found[key] = evaluate_node(child, names)
    for loop in loops.elements() if loops else ():
        key, values = unroll(loop, names)
        found[key] = values
    return found


def _key(name: str, child: Node, names: LoopNames) -> str:
    """A key as it is deployed: keys may be expressions."""
    if not name.startswith("["):
        return name
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
