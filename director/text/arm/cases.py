"""Cases of the language: an expression or a small template with the value or the error that it gives.

Takes a document, gives cases; takes a case, gives what came out and whether that is what the case expects.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.errors import InputError, each_problem
from director.model.documents import Document
from director.model.spans import Spans
from director.text.arm.surroundings import NO_ID, Surroundings
from director.text.arm.template import checks, expansion, problems, sections, trees, types
from director.text.arm.template.deployed import DeployedResources
from director.text.arm.template.expansion import ExpandRequest, Expansion
from director.text.arm.template.names import TemplateRun, names_of
from director.text.arm.template.nodes import Node, root_of
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.values import DeployedObject, DeployedValue, Value, are_equal, shown

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageCase:
    """`node` is the whole case. It expects a value, or an error with a text in it, or neither."""

    name: str
    node: Node

    @property
    def error_text(self) -> str | None:
        """The text that the error must have, None if none is expected."""
        return self.node.text("error_contains")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOutcome:
    """`is_expected` is None if the case states no expectation."""

    name: str
    value: Value = field(default=None, repr=False)
    errors: tuple[ExplainedError, ...] = ()
    is_expected: bool | None = None


def read_cases(document: Document) -> tuple[LanguageCase, ...]:
    """Read a file of one case, or of a list of them. Raises InputError."""
    root = root_of(document)
    nodes = list(root.elements()) if root.is_array else [root]
    for node in nodes:
        if node.member("expression") is None and node.member("template") is None:
            raise problems.of_template(
                "A case needs an expression or a template.", node, fix="Write {expression: '[add(1, 2)]'}."
            )
    return tuple(
        LanguageCase(name=node.text("id") or f"case {number}", node=node) for number, node in enumerate(nodes, start=1)
    )


def run_case(case: LanguageCase) -> CaseOutcome:
    """Evaluate a case, and compare with what it expects."""
    try:
        value, errors = _template(case) if case.node.member("template") else _expression(case)
    except InputError as error:
        value, errors = None, each_problem(error)
    return CaseOutcome(name=case.name, value=value, errors=errors, is_expected=_is_expected(case, value, errors))


def _is_expected(case: LanguageCase, value: Value, errors: tuple[ExplainedError, ...]) -> bool | None:
    expected = case.node.member("expected")
    if case.error_text is not None:
        return any(case.error_text in each.what for each in errors)
    if expected is None:
        return None
    if errors:
        return False
    wanted = types.plain_value(expected)
    return includes(value, wanted) if case.node.member("template") else are_equal(shown(value), wanted)


def includes(value: Value, wanted: Value) -> bool:
    """Whether a value has all that is wanted: objects may have more members, arrays no more elements."""
    if isinstance(value, DeployedValue | DeployedObject):
        return False
    if isinstance(wanted, dict):
        return isinstance(value, dict) and all(key in value and includes(value[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        is_long = isinstance(value, list) and len(value) == len(wanted)
        return is_long and all(includes(a, b) for a, b in zip(value, wanted, strict=True))  # type: ignore[arg-type]
    return are_equal(value, wanted)


def surroundings_of(node: Node) -> Surroundings:
    """What the context of a case says."""
    context = node.member("context")
    texts: dict[str, str] = {name: str(child.value) for name, child in context.members()} if context else {}
    return Surroundings(
        subscription_id=texts.get("subscriptionId", NO_ID),
        tenant_id=texts.get("tenantId", NO_ID),
        resource_group=texts.get("resourceGroup", "resource-group"),
        management_group=texts.get("managementGroup", "management-group"),
        location=texts.get("location", "eastus"),
    )


def _given(node: Node) -> tuple[GivenParameter, ...]:
    section = node.member("parameters")
    members = section.members() if section else ()
    return tuple(GivenParameter(name=name, value=types.plain_value(child), node=child) for name, child in members)


def _template(case: LanguageCase) -> tuple[Value, tuple[ExplainedError, ...]]:
    template = case.node.member("template")
    assert template is not None
    document = Document(tree=template.value, spans=Spans(file=case.node.document.spans.file))
    request = ExpandRequest(document=document, surroundings=surroundings_of(case.node), parameters=_given(case.node))
    found = expansion.expand(request)
    return summary(found), found.problems


def summary(found: Expansion) -> Value:
    """Outputs, names and resources as cases state them."""
    resources = list(expansion.each_resource(found.root))
    return {
        "outputs": {each.name: each.value for each in found.root.outputs},
        "resource_names": [each.instance.name for each in resources],
        "resources": [
            {
                "name": each.instance.name,
                "type": each.instance.type,
                "apiVersion": each.instance.api_version,
                **each.body,
            }
            for each in resources
        ],
    }


def _expression(case: LanguageCase) -> tuple[Value, tuple[ExplainedError, ...]]:
    """The expression as an output of a template that has nothing else but the case's sections."""
    given = _given(case.node)
    tree: dict[str, object] = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": []}
    tree["parameters"] = {each.name: {"type": _type_of(each.value)} for each in given}
    expression = case.node.member("expression")
    assert expression is not None
    tree["outputs"] = {"value": {"type": "string", "value": expression.value}}
    for name in ("variables", "functions"):
        section = case.node.member(name)
        if section:
            tree[name] = section.value
    document = Document(tree=tree, spans=Spans(file=case.node.document.spans.file))  # type: ignore[arg-type]
    run = TemplateRun()
    template = sections.read_template(root_of(document), run.findings)
    surroundings = surroundings_of(case.node)
    names = names_of(template, surroundings, given, run=run, lookup=DeployedResources(surroundings))
    checks.check_expressions(names)
    if run.findings.problems:
        return None, tuple(run.findings.problems)
    value = run.findings.attempt(lambda: trees.evaluate_node(expression, names))
    return value, tuple(run.findings.problems)


def _type_of(value: Value) -> str:
    kinds: Mapping[type, str] = {bool: "bool", int: "int", str: "string", list: "array"}
    return kinds.get(type(value), "object")
