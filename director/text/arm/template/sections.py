"""The sections of a template.

Takes a node, gives a frozen value whose parts keep their places; what is wrong is recorded, all of it.
Source: MicrosoftDocs/azure-docs syntax.md @01292a9960bd.
"""

import re
from collections.abc import Mapping

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.text.arm.surroundings import DeploymentScope
from director.text.arm.template import problems, types
from director.text.arm.template.nodes import Node, suggestion
from director.text.arm.template.problems import TemplateFindings
from director.text.arm.template.types import TypeDefinition, TypeTable

_MEMBERS = (
    *("$schema", "contentVersion", "languageVersion", "apiProfile", "definitions", "parameters", "variables"),
    *("functions", "resources", "outputs", "metadata", "imports", "extensions", "asserts"),
)
_SCOPES: Mapping[str, DeploymentScope] = {
    "deploymenttemplate.json": DeploymentScope.RESOURCE_GROUP,
    "subscriptiondeploymenttemplate.json": DeploymentScope.SUBSCRIPTION,
    "managementgroupdeploymenttemplate.json": DeploymentScope.MANAGEMENT_GROUP,
    "tenantdeploymenttemplate.json": DeploymentScope.TENANT,
}
_SYMBOLIC = re.compile(r"(?:2(?:\.[0-9]+)?|1\.(?:9|1[0-9]))(?:-[a-z]+)?\Z")
MAX_PARAMETERS, MAX_VARIABLES, MAX_OUTPUTS = 256, 256, 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterDefinition:
    """A parameter: its type, its default if it has one, and where it is written."""

    name: str
    type: TypeDefinition
    default: Node | None
    node: Node
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFunction:
    """A function of the template: parameters by name in lower case, in order."""

    name: str
    parameters: tuple[tuple[str, TypeDefinition], ...]
    output: Node
    type: TypeDefinition
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceNode:
    """A resource as it is written; `symbol` is its symbolic name, "" without one."""

    node: Node
    symbol: str = ""
    children: tuple["ResourceNode", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Parameters and functions stand by their names in lower case; functions as `namespace.name`."""

    node: Node
    scope: DeploymentScope
    content_version: str
    is_symbolic: bool
    definitions: TypeTable
    parameters: Mapping[str, ParameterDefinition]
    functions: Mapping[str, UserFunction]
    variables: Node | None
    resources: tuple[ResourceNode, ...]
    outputs: Node | None


def read_template(node: Node, findings: TemplateFindings) -> Template:
    """Read all sections; what is wrong is recorded in the findings."""
    if not node.is_object:
        findings.add(problems.of_template("A template is an object.", node, fix="Begin it with {."))
    else:
        _check_members(node, findings)
    return Template(
        node=node,
        scope=_scope(node, findings),
        content_version=node.text("contentVersion") or "",
        is_symbolic=_is_symbolic(node),
        definitions=_definitions(node, findings),
        parameters=_parameters(node, findings),
        functions=_functions(node, findings),
        variables=_section(node, "variables", findings),
        resources=_resources(node, findings),
        outputs=_section(node, "outputs", findings),
    )


def read_resources(node: Node | None) -> tuple[ResourceNode, ...]:
    """The resources of a list, or of an object by symbolic names, with their children."""
    if node is None:
        return ()
    named = [("", each) for each in node.elements()] if node.is_array else list(node.members())
    return tuple(
        ResourceNode(node=each, symbol=symbol, children=read_resources(each.member("resources")))
        for symbol, each in named
        if each.is_object
    )


def _check_members(node: Node, findings: TemplateFindings) -> None:
    span = node.document.spans.at(node.path)
    place = f"Path '', line {span.line}, position {span.column}."
    for name in ("$schema", "contentVersion", "resources"):
        if node.member(name) is None:
            what = f"Required property '{name}' not found in JSON. {place}"
            findings.add(problems.of_template(what, node, fix=f"Add '{name}'."))
    known = {name.lower() for name in _MEMBERS}
    for name, child in node.members():
        if name.lower() not in known:
            what = f"Could not find member '{name}' on object of type 'Template'. {_place(name, child)}"
            findings.add(problems.of_template(what, child, fix=suggestion(name, _MEMBERS)))
    for name in ("imports", "extensions", "asserts"):
        found = node.member(name)
        if found is not None:
            text = f"The section '{name}' is for Azure's own extensions: it is read, and nothing acts on it."
            findings.remark("template-section-ignored", text, found)


def _place(name: str, child: Node) -> str:
    span = child.document.spans.at(child.path)
    return f"Path '{name}', line {span.line}, position {span.column}."


def _scope(node: Node, findings: TemplateFindings) -> DeploymentScope:
    written = node.text("$schema")
    if written is None:
        return DeploymentScope.RESOURCE_GROUP
    tail = written.rstrip("#").rpartition("/")[2].lower()
    if tail not in _SCOPES:
        what = f"The schema '{written}' is not that of a deployment template."
        fix = "Write https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#."
        findings.add(problems.of_template(what, node.child("$schema") if _has(node) else node, fix=fix))
    return _SCOPES.get(tail, DeploymentScope.RESOURCE_GROUP)


def _has(node: Node) -> bool:
    return any(name == "$schema" for name, _ in node.members())


def _is_symbolic(node: Node) -> bool:
    return bool(_SYMBOLIC.match(node.text("languageVersion") or ""))


def _definitions(node: Node, findings: TemplateFindings) -> TypeTable:
    try:
        return types.read_definitions(node.member("definitions"))
    except InputError as error:
        findings.add(error)
        return {}


def _section(node: Node, name: str, findings: TemplateFindings) -> Node | None:
    found = node.member(name)
    if found is not None and not found.is_object:
        findings.add(problems.of_template(f"'{name}' must be an object.", found, fix="Write {name: value}."))
        return None
    limit = {"variables": MAX_VARIABLES, "outputs": MAX_OUTPUTS, "parameters": MAX_PARAMETERS}[name]
    count = sum(1 for _ in found.members()) if found else 0
    if found and count > limit:
        text = f"The template has {count} {name}: Azure Resource Manager takes {limit} at most."
        findings.remark("template-above-azure-limit", text, found)
    return found


def _parameters(node: Node, findings: TemplateFindings) -> Mapping[str, ParameterDefinition]:
    section = _section(node, "parameters", findings)
    found: dict[str, ParameterDefinition] = {}
    for name, child in section.members() if section else ():
        try:
            found[name.lower()] = _parameter(name, child)
        except InputError as error:
            findings.add(error)
    return found


def _parameter(name: str, node: Node) -> ParameterDefinition:
    if not name.isprintable() or not name.strip():
        raise problems.of_template(
            f"The name of the parameter {name!r} is empty, or cannot be printed.", node, fix="Use letters and digits."
        )
    if node.member("type") is None and node.member("$ref") is None:
        raise problems.of_template(f"The parameter '{name}' has no type.", node, fix="Add 'type', such as string.")
    metadata = node.member("metadata")
    return ParameterDefinition(
        name=name,
        type=types.read_type(node),
        default=node.member("defaultValue"),
        node=node,
        description=(metadata.text("description") or "") if metadata else "",
    )


def _functions(node: Node, findings: TemplateFindings) -> Mapping[str, UserFunction]:
    section = node.member("functions")
    found: dict[str, UserFunction] = {}
    for namespace in section.elements() if section else ():
        members = namespace.member("members")
        for name, child in members.members() if members else ():
            whole_name = f"{namespace.text('namespace') or ''}.{name}"
            try:
                found[whole_name.lower()] = _function(whole_name, child)
            except InputError as error:
                findings.add(error)
    return found


def _function(name: str, node: Node) -> UserFunction:
    output = node.member("output")
    value = output.member("value") if output else None
    if output is None or value is None:
        raise problems.of_template(
            f"The function '{name}' has no output with a value.", node, fix="Write output: {type, value}."
        )
    parameters = node.member("parameters")
    return UserFunction(
        name=name,
        parameters=tuple(
            ((each.text("name") or "").lower(), types.read_type(each))
            for each in (parameters.elements() if parameters else ())
        ),
        output=value,
        type=types.read_type(output),
        node=node,
    )


def _resources(node: Node, findings: TemplateFindings) -> tuple[ResourceNode, ...]:
    section = node.member("resources")
    if section is not None and section.is_object and not _is_symbolic(node):
        what = "Resources by symbolic name need the language version 2.0."
        findings.add(problems.of_template(what, section, fix="Add 'languageVersion': '2.0', or write a list."))
    if section is not None and not section.is_object and not section.is_array:
        what = "'resources' must be an array, or an object with language version 2.0."
        findings.add(problems.of_template(what, section, fix="Write the resources in brackets."))
    return read_resources(section)
