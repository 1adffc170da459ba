"""What expressions of a template can name, at each place in it.

Takes a template, values of its parameters and what surrounds it, gives the names that the evaluation reads.
"""

from collections.abc import Callable, Sequence
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from director.text.arm.budget import Budget
from director.text.arm.expressions.syntax import FunctionCall
from director.text.arm.failures import ExpressionError
from director.text.arm.functions import table
from director.text.arm.functions.function import Functions
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import deployment_functions, trees, types
from director.text.arm.template.nodes import Node
from director.text.arm.template.parameters import GivenParameter, ParameterValues
from director.text.arm.template.problems import TemplateFindings
from director.text.arm.template.sections import Template, UserFunction
from director.text.arm.template.trees import LoopNames, ParsedExpressions
from director.text.arm.template.variables import VariableValues, WrittenVariable
from director.text.arm.values import DeployedValue, Value

DeployedLookup = Callable[[FunctionCall, Sequence[Value]], Value]
"""What reference(), list...() and resourceInfo() return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateRun:
    """What all templates of one evaluation share: the budget, parsed expressions, what was found."""

    findings: TemplateFindings = field(default_factory=TemplateFindings)
    budget: Budget = field(default_factory=Budget)
    parsed: ParsedExpressions = field(default_factory=ParsedExpressions)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopPosition:
    """`index` is not known if the count of the loop is not."""

    name: str
    index: int | DeployedValue
    is_property: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateNames:
    """The names of a template at one place; `loops` are those around it, outermost first."""

    template: Template
    surroundings: Surroundings
    run: TemplateRun
    parameters: ParameterValues
    variables: VariableValues
    functions: Functions
    lookup: DeployedLookup
    loops: tuple[LoopPosition, ...] = ()

    @property
    def budget(self) -> Budget:
        """The budget of the run."""
        return self.run.budget

    @property
    def parsed(self) -> ParsedExpressions:
        """The expressions of the run."""
        return self.run.parsed

    def parameter(self, name: str) -> Value:
        """The value of a parameter."""
        return self.parameters.value(name)

    def variable(self, name: str) -> Value:
        """The value of a variable."""
        return self.variables.value(name)

    def copy_index(self, loop: str | None, offset: int) -> Value:
        """The position in a loop; without a name in the innermost of resources or outputs."""
        found = self._loop(loop)
        return found.index if isinstance(found.index, DeployedValue) else found.index + offset

    def user_function(self, namespace: str, name: str, values: Sequence[Value]) -> Value:
        """The value of one of the template's own functions."""
        return call_user_function(self, f"{namespace}.{name}", values)

    def deployed(self, call: FunctionCall, values: Sequence[Value]) -> Value:
        """What a deployed resource is like."""
        return self.lookup(call, values)

    def in_loop(self, loop: str, index: int) -> "TemplateNames":
        """The names within a property loop."""
        position = LoopPosition(name=loop, index=index, is_property=True)
        return replace(self, loops=(*self.loops, position))

    def _loop(self, name: str | None) -> LoopPosition:
        if name is None:
            usual = [each for each in self.loops if not each.is_property] or list(self.loops)
        else:
            usual = [each for each in self.loops if each.name.lower() == name.lower()]
        if usual:
            return usual[-1]
        names = ", ".join(f"'{each.name}'" for each in self.loops)
        hint = f"Loops around it: {names}." if names else "Use it within a 'copy'."
        if name is None:
            raise ExpressionError("The template function 'copyIndex' is not expected at this location.", hint=hint)
        raise ExpressionError(
            f"The template function 'copyIndex' names the loop '{name}', which is not found.", hint=hint
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionNames:
    """The names within a function of the template: its own parameters."""

    outer: LoopNames
    function: UserFunction
    values: dict[str, Value]
    template: Template

    @property
    def budget(self) -> Budget:
        """The budget of the run."""
        return self.outer.budget

    @property
    def parsed(self) -> ParsedExpressions:
        """The expressions of the run."""
        return self.outer.parsed

    @property
    def functions(self) -> Functions:
        """The built-in functions."""
        return self.outer.functions

    def parameter(self, name: str) -> Value:
        """One of its own parameters."""
        if name.lower() not in self.values:
            raise ExpressionError(f"The template parameter '{name}' is not found.", hint=_unsupported(self.function))
        return self.values[name.lower()]

    def variable(self, name: str) -> Value:
        """Functions know no variables."""
        raise self._not_supported("variables")

    def copy_index(self, loop: str | None, offset: int) -> Value:
        """Nor loops."""
        raise self._not_supported("copyIndex")

    def user_function(self, namespace: str, name: str, values: Sequence[Value]) -> Value:
        """Another function of the template: with language version 2.0 alone."""
        if not self.template.is_symbolic:
            raise self._not_supported(f"{namespace}.{name}")
        return call_user_function(self, f"{namespace}.{name}", values)

    def deployed(self, call: FunctionCall, values: Sequence[Value]) -> Value:
        """Nor resources."""
        raise self._not_supported(call.name)

    def in_loop(self, loop: str, index: int) -> "FunctionNames":
        """Nor loops of properties."""
        raise self._not_supported("copy")

    def _not_supported(self, name: str) -> ExpressionError:
        return ExpressionError(
            f"The template function '{self.function.name}' {self.function.node.line_and_column} is not valid. "
            f"These function calls are not supported in a function definition: '{name}'.",
            hint=_unsupported(self.function),
        )


def call_user_function(names: "TemplateNames | FunctionNames", whole_name: str, values: Sequence[Value]) -> Value:
    """Evaluate one of the template's own functions. Raises ExpressionError."""
    function = names.template.functions.get(whole_name.lower())
    if function is None:
        raise ExpressionError(f"The template function '{whole_name}' is not valid.", hint="The template has none.")
    if len(values) != len(function.parameters):
        raise ExpressionError(
            f"Unable to evaluate template language function '{whole_name}': function requires "
            f"{len(function.parameters)} argument(s) while {len(values)} were provided."
        )
    given: dict[str, Value] = {}
    for (name, wanted), value in zip(function.parameters, values, strict=True):
        for sentence in types.violations(value, wanted, names.template.definitions):
            raise ExpressionError(f"The argument for '{name}' of '{whole_name}' is not valid. {sentence}")
        given[name] = value
    inner = FunctionNames(outer=names, function=function, values=given, template=names.template)
    return trees.evaluate_node(function.output, inner)


def names_of(
    template: Template,
    surroundings: Surroundings,
    given: Sequence[GivenParameter],
    *,
    run: TemplateRun,
    lookup: DeployedLookup,
) -> TemplateNames:
    """The names of a template, outside of its loops."""
    parameters = ParameterValues(template, given, run.findings)
    variables = VariableValues(template.variables, lambda written: _variable(names, written))
    own = deployment_functions.functions(template, surroundings, given)
    names = TemplateNames(
        template=template,
        surroundings=surroundings,
        run=run,
        parameters=parameters,
        variables=variables,
        functions={**table.functions(surroundings), **own},
        lookup=lookup,
    )
    defaults = replace(names, functions={**names.functions, **deployment_functions.only_in_defaults(surroundings)})
    parameters.evaluate_default = lambda node: trees.evaluate_node(node, defaults)
    return names


def _variable(names: TemplateNames, written: WrittenVariable) -> Value:
    if not written.is_loop:
        return trees.evaluate_node(written.node, names)
    _, values = trees.unroll(written.node, names)
    return values


def _unsupported(function: UserFunction) -> str:
    own = ", ".join(f"'{name}'" for name, _ in function.parameters)
    return f"A function can use its own parameters{': ' + own if own else ', and it has none'}."


def node_of(text: str, like: Node) -> Node:
    """A string that is written at the place of another node."""
    return Node(document=like.document, value=text, path=like.path)
