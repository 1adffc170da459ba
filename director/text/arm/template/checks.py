"""What is wrong with expressions before any is evaluated: syntax, names, numbers of arguments, places.

Takes a template, records all that is wrong with its expressions, also with those that would never be evaluated.
"""

from collections.abc import Iterator
from enum import Enum

from cpi.contract.value_classes import dataclass
from director.text.arm.expressions import evaluate, parse, syntax
from director.text.arm.expressions.syntax import FunctionCall, TextLiteral
from director.text.arm.failures import ExpressionError
from director.text.arm.functions.function import Functions
from director.text.arm.template import deployment_functions, nested_scopes, problems
from director.text.arm.template.names import TemplateNames
from director.text.arm.template.nodes import Node, suggestion
from director.text.arm.template.sections import ResourceNode, UserFunction, read_resources

KNOWN_AT_START = frozenset(
    {
        *("condition", "name", "type", "apiversion", "location", "scope", "dependson", "sku", "kind", "copy"),
        *("subscriptionid", "resourcegroup", "plan", "managedby"),
    }
)
"""Members of a resource that are evaluated before anything is deployed."""
_STRUCTURE = frozenset({"resources", "comments", "metadata"})
_FORMS = (
    "if",
    "and",
    "or",
    "coalesce",
    "parameters",
    "variables",
    "lambda",
    "lambdaVariables",
    "copyIndex",
    "reference",
)


class ExpressionPlace(Enum):
    """Where an expression stands: what it may call depends on that."""

    PARAMETER_DEFAULT = "parameter default"
    VARIABLE = "variable"
    USER_FUNCTION = "function"
    START = "member known at start"
    PROPERTY = "property"
    OUTPUT = "output"


_AFTER_DEPLOYMENT = {ExpressionPlace.PROPERTY, ExpressionPlace.OUTPUT}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A string, where it stands, and the function around it if there is one."""

    node: Node
    place: ExpressionPlace
    function: UserFunction | None = None


def check_expressions(names: TemplateNames) -> None:
    """Check all expressions that are evaluated with these names."""
    for found in _strings(names):
        _check_string(found, names)


def _strings(names: TemplateNames) -> Iterator[_Found]:
    template = names.template
    for parameter in template.parameters.values():
        if parameter.default:
            yield from _each(parameter.default, ExpressionPlace.PARAMETER_DEFAULT)
    if template.variables:
        yield from _each(template.variables, ExpressionPlace.VARIABLE)
    for function in template.functions.values():
        for node in function.output.leaves():
            yield _Found(node=node, place=ExpressionPlace.USER_FUNCTION, function=function)
    for resource in template.resources:
        yield from _resource_strings(resource)
    if template.outputs:
        yield from _output_strings(template.outputs)


def _each(node: Node, place: ExpressionPlace) -> Iterator[_Found]:
    return (_Found(node=leaf, place=place) for leaf in node.leaves())


def _resource_strings(resource: ResourceNode) -> Iterator[_Found]:
    nested = nested_scopes.nested_template(resource.node)
    for name, member in resource.node.members():
        if name.lower() in _STRUCTURE:
            continue
        place = ExpressionPlace.START if name.lower() in KNOWN_AT_START else ExpressionPlace.PROPERTY
        for leaf in member.leaves():
            if nested is None or leaf.path[: len(nested.path)] != nested.path:
                yield _Found(node=leaf, place=place)
    if nested and not nested_scopes.is_inner(resource.node):
        for inner in read_resources(nested.member("resources")):
            yield from _resource_strings(inner)
        outputs = nested.member("outputs")
        yield from _output_strings(outputs) if outputs else ()
    for child in resource.children:
        yield from _resource_strings(child)


def _output_strings(section: Node) -> Iterator[_Found]:
    for _, output in section.members():
        for name in ("value", "copy", "condition"):
            member = output.member(name)
            if member:
                yield from _each(member, ExpressionPlace.OUTPUT)


def _check_string(found: _Found, names: TemplateNames) -> None:
    text = str(found.node.value)
    if not parse.is_expression(text):
        return
    try:
        expression = names.parsed.parse(text)
    except ExpressionError as error:
        names.run.findings.add(problems.of_expression(error, found.node))
        return
    for call in syntax.each_call(expression):
        try:
            _check_call(call, found, names)
        except ExpressionError as error:
            error.column = error.column or call.column
            names.run.findings.add(problems.of_expression(error, found.node))


def _check_call(call: FunctionCall, found: _Found, names: TemplateNames) -> None:
    if call.namespace:
        _check_user_call(call, found, names)
        return
    name = call.name.lower()
    _check_place(call, found)
    if name in deployment_functions.ONLY_IN_DEFAULTS:
        deployment_functions.only_in_defaults(names.surroundings)[name].check_arity(call.name, len(call.arguments))
    elif name in names.functions:
        names.functions[name].check_arity(call.name, len(call.arguments))
    elif not evaluate.has_special_form(name):
        raise ExpressionError(
            f"The template function '{call.name}' is not valid.", hint=suggestion(call.name, _known(names.functions))
        )
    _check_literal_name(call, found, names)


def _check_place(call: FunctionCall, found: _Found) -> None:
    name, place = call.name.lower(), found.place
    is_deployed = evaluate.is_deployed_function(name)
    if place is ExpressionPlace.USER_FUNCTION and (is_deployed or name in {"variables", "copyindex"}):
        raise _unsupported_in_function(call.name, found.function)
    is_wrong = (
        (is_deployed and place not in _AFTER_DEPLOYMENT)
        or (name in deployment_functions.ONLY_IN_DEFAULTS and place is not ExpressionPlace.PARAMETER_DEFAULT)
        or (name == "variables" and place is ExpressionPlace.PARAMETER_DEFAULT)
    )
    if is_wrong:
        raise deployment_functions.refuse(call.name)


def _check_user_call(call: FunctionCall, found: _Found, names: TemplateNames) -> None:
    template = names.template
    if found.place is ExpressionPlace.USER_FUNCTION and not template.is_symbolic:
        raise _unsupported_in_function(call.whole_name, found.function)
    function = template.functions.get(call.whole_name.lower())
    if function is None:
        known = [each.name for each in template.functions.values()]
        raise ExpressionError(
            f"The template function '{call.whole_name}' is not valid.", hint=suggestion(call.whole_name, known)
        )
    if len(call.arguments) != len(function.parameters):
        raise ExpressionError(
            f"Unable to evaluate template language function '{call.whole_name}': function requires "
            f"{len(function.parameters)} argument(s) while {len(call.arguments)} were provided."
        )


def _check_literal_name(call: FunctionCall, found: _Found, names: TemplateNames) -> None:
    """Parameters and variables that are named by a text; other names are known when they are evaluated."""
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], TextLiteral):
        return
    name = call.arguments[0].text
    if call.name.lower() == "parameters":
        own = [key for key, _ in found.function.parameters] if found.function else None
        known = own if own is not None else [each.name for each in names.template.parameters.values()]
        _require(name, known, "parameter")
    elif call.name.lower() == "variables":
        _require(name, names.variables.names, "variable")


def _require(name: str, known: "list[str] | tuple[str, ...]", noun: str) -> None:
    if name.lower() not in {each.lower() for each in known}:
        raise ExpressionError(f"The template {noun} '{name}' is not found.", hint=suggestion(name, known))


def _unsupported_in_function(name: str, function: UserFunction | None) -> ExpressionError:
    title = f"'{function.name}' {function.node.line_and_column}" if function else ""
    return ExpressionError(
        f"The template function {title} is not valid. These function calls are not supported in a function "
        f"definition: '{name}'.",
        hint="A function can use its own parameters and built-in functions.",
    )


def _known(functions: Functions) -> list[str]:
    return [*(each.name for each in functions.values()), *_FORMS]
