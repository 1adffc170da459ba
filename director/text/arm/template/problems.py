"""What is wrong with a template, as errors with a place.

Takes words and nodes, gives errors; collects many of them, each once.
"""

from collections.abc import Callable

from cpi.contract.errors import ExplainedError
from director.errors import InputError, each_problem
from director.model.documents import Remark
from director.text.arm.failures import BudgetError, ExpressionError, ExpressionSyntaxError
from director.text.arm.template.nodes import Node
from director.text.arm.values import DeployedValue, Value

MAX_PROBLEMS = 200
_MAX_SHOWN = 100
_FAILED = DeployedValue(origin="an expression that has an error")


class TemplateFindings:
    """The problems and remarks of one template, in the order in which they were found."""

    def __init__(self) -> None:
        self.problems: list[ExplainedError] = []
        self.remarks: list[Remark] = []
        self._known: set[tuple[str, str]] = set()

    def add(self, error: ExplainedError) -> None:
        """Record a problem, or all of several, once each."""
        for each in each_problem(error):
            key = (each.what, each.where)
            if key not in self._known and len(self.problems) < MAX_PROBLEMS:
                self._known.add(key)
                self.problems.append(each)

    def remark(self, code: str, text: str, node: Node) -> None:
        """Record something that is read, but not acted on."""
        self.remarks.append(Remark(code=code, text=text, where=node.where))

    def attempt(self, evaluate: Callable[[], Value]) -> Value:
        """The value, or a stand-in after recording why there is none; work that is too much ends everything."""
        try:
            return evaluate()
        except InputError as error:
            if error.code == TOO_BIG:
                raise
            self.add(error)
            return _FAILED


TOO_BIG = "template-too-big"


def of_template(what: str, node: Node, *, why: str = "", fix: str) -> InputError:
    """A section, member or value that is not as the language wants it."""
    return InputError("template-invalid", what, why=why or f"It is at {node.json_path}.", fix=fix, where=node.where)


def of_parameter(what: str, node: Node, *, why: str = "", fix: str) -> InputError:
    """A parameter without a value, or with one that does not fit."""
    return InputError("template-parameter-invalid", what, why=why, fix=fix, where=node.where)


def of_expression(error: ExpressionError, node: Node) -> InputError:
    """An expression that has no value."""
    column = error.column or 1
    why = f"{node.json_path} is {_short(str(node.value))}; character {column} of the expression." if node.path else ""
    if isinstance(error, ExpressionSyntaxError):
        fix = error.hint or "Correct the expression at that character."
        return InputError("template-expression-broken", error.what, why=why, fix=fix, where=node.where)
    if isinstance(error, BudgetError):
        return InputError("template-too-big", error.what, why=why, fix=error.hint, where=node.where)
    fix = error.hint or "Correct the expression, or the value that it reads."
    return InputError("template-expression-failed", error.what, why=why, fix=fix, where=node.where)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _MAX_SHOWN else f"{line[:_MAX_SHOWN]}..."
