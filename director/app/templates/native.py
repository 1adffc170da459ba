"""A template as it is handed to a cloud's own service for templates, and places for what that service says of it.

Takes a request in which the files were read, gives the template as written with the values that were given for it.
"""

from collections.abc import Iterable
from dataclasses import field

from cpi.contract.json_value import JsonValue
from cpi.contract.native_templates import NativeProblem, NativeTemplate
from cpi.contract.value_classes import dataclass
from director.app.templates import expanding
from director.app.templates.template_request import TemplateRequest
from director.errors import raise_all
from director.report.redact import Redactor
from director.text.arm import reading
from director.text.arm.template import expansion, nodes
from director.text.arm.template.expansion import Expansion
from director.text.arm.template.nodes import Node
from director.text.arm.values import SecureInteger, SecureText, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTemplate:
    """`handed` is what the service gets; `root` and `expansion` are the same as compleat reads it.

    `redactor` hides the values of secure parameters.
    """

    handed: NativeTemplate
    root: Node = field(repr=False)
    expansion: Expansion = field(repr=False)
    redactor: Redactor = field(repr=False)


def read_written(request: TemplateRequest) -> WrittenTemplate:
    """Read the template and what is given for it. Raises InputError and Problems: all that the language refuses."""
    found = expanding.expand_with_problems(request)
    raise_all(found.problems)
    document = reading.read_source(request.template)
    content = reading.ordered(document)
    assert isinstance(content, dict)  # the expansion refuses any other
    given = {one.name.lower() for one in expanding.given_parameters(request)}
    values = {name: value for name, value in found.root.parameters.items() if name.lower() in given}
    return WrittenTemplate(
        handed=NativeTemplate(
            name=request.surroundings.deployment_name,
            content={name: _plain(value) for name, value in content.items()},
            parameters={name: _plain(value) for name, value in values.items()},
        ),
        root=nodes.root_of(document),
        expansion=found,
        redactor=Redactor(_plain(value) for value in found.root.parameters.values() if _is_secure(value)),
    )


def place_of(template: WrittenTemplate, problem: NativeProblem) -> str:
    """Where it is in the template: by its path, else by the type and name of its resource, else the file."""
    found = nodes.find_node(template.root, problem.path) or resource_node(template, *problem.resource)
    return (found or template.root).where


def resource_node(template: WrittenTemplate, type_: str, name: str) -> Node | None:
    """The resource of that type and name as it is written; None without it."""
    wanted = (type_.lower(), name.lower())
    for each in expansion.each_resource(template.expansion.root):
        instance = each.instance
        if (instance.type.lower(), str(instance.name).lower()) == wanted:
            return instance.node
    return None


def _is_secure(value: Value) -> bool:
    members: Iterable[Value] = ()
    match value:
        case SecureText() | SecureInteger():
            return True
        case dict():
            members = value.values()
        case list():
            members = value
    return any(map(_is_secure, members))


def _plain(value: Value) -> JsonValue:
    """The value itself, without the mark of secure ones."""
    match value:
        case SecureText():
            return str.__str__(value)
        case SecureInteger():
            return int(value)
        case dict():
            return {str.__str__(name): _plain(member) for name, member in value.items()}
        case list():
            return [_plain(member) for member in value]
        case _:
            return value  # type: ignore[return-value]  # a scalar: what was given is known
