"""A template with what is given for it, expanded; its resources as the rooms after the language have them.

Takes a request in which the files were read, gives an expansion or resources. Nothing is created.
"""

import hashlib
from dataclasses import replace

from director.app.templates.template_request import TemplateRequest
from director.errors import InputError, raise_all
from director.model.documents import Document, Remark
from director.model.spans import Path
from director.model.template_resources import LaterValue, SecureValue, TemplateResource, TemplateValue
from director.text.arm import reading
from director.text.arm.template import expansion, nested_scopes, parameters
from director.text.arm.template.expansion import ExpandedResource, ExpandRequest, Expansion
from director.text.arm.template.nodes import Node
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.values import DeployedObject, DeployedValue, SecureInteger, SecureText, Value, shown

_LINK = "Write the linked template into this one, or beside it, in its folder."


def expand_template(request: TemplateRequest) -> Expansion:
    """Evaluate all of a template. Raises InputError and Problems, all of its problems at once."""
    found = expand_with_problems(request)
    raise_all(found.problems)
    return found


def expand_with_problems(request: TemplateRequest) -> Expansion:
    """The same, with the problems among what it gives."""
    document = reading.read_source(request.template)
    return expansion.expand(
        ExpandRequest(
            document=document,
            surroundings=request.surroundings,
            parameters=given_parameters(request),
            links=lambda address: _linked(request, address),
        )
    )


def given_parameters(request: TemplateRequest) -> tuple[GivenParameter, ...]:
    """What was given for parameters, each once: files, then texts. Raises InputError and Problems."""
    found: dict[str, GivenParameter] = {}
    errors: list[InputError] = []
    for file in request.parameter_files:
        try:
            for each in parameters.read_parameter_file(reading.read_source(file), request.secret_of):
                found[each.name.lower()] = each
        except InputError as error:
            errors.append(error)
    raise_all(errors)
    for one in request.texts:
        found[one.name.lower()] = GivenParameter(
            name=one.name, value=one.text, is_text=True, is_argument=one.is_argument
        )
    return tuple(found.values())


def resources_of(found: Expansion) -> tuple[TemplateResource, ...]:
    """All resources in the order of their deployment, those of nested templates included.

    Raises InputError and Problems: what is not known before the deployment, and linked templates that are not read.
    """
    problems: list[InputError] = []
    resources: list[TemplateResource] = []
    for each in expansion.each_resource(found.root):
        instance = each.instance
        if instance.is_wanted is not True or not isinstance(instance.name, str) or not instance.resource_id:
            problems.append(_later(each))
        elif isinstance(instance.name, SecureText):
            problems.append(_secure_name(each))
        elif not nested_scopes.is_deployment(instance.node):
            resources.append(_resource(each))
        elif each.deployment is None:
            problems.append(_not_read(each))
    raise_all(problems)
    return tuple(resources)


def shown_body(resource: TemplateResource) -> Value:
    """The body as it may be stored and shown: secure values are hidden."""
    return shown(arm_value(resource.body))


def arm_value(value: TemplateValue) -> Value:
    """A value as the language has it."""
    match value:
        case LaterValue(origin=origin):
            return DeployedValue(origin=origin)
        case SecureValue(value=secret):
            return SecureText(str(secret))
        case dict():
            return {name: arm_value(member) for name, member in value.items()}
        case list():
            return [arm_value(member) for member in value]
        case _:
            return value  # type: ignore[return-value]  # a scalar


def _linked(request: TemplateRequest, address: str) -> Document | None:
    source = request.read_link(address)
    if source is None:
        return None
    document = reading.read_source(source)
    if not address.startswith("https://"):
        return document
    digest = hashlib.sha256(source.content).hexdigest()
    text = f"The linked template {source.name} is downloaded by each command; it has the digest sha256:{digest}."
    return replace(document, remarks=(*document.remarks, Remark(code="template-link-downloaded", text=text)))


def _resource(expanded: ExpandedResource) -> TemplateResource:
    instance = expanded.instance
    places: dict[Path, str] = {(): instance.node.where}
    for name, value in expanded.body.items():
        _note_places(places, value, instance.node.member(name), path=(name,))
    return TemplateResource(
        type=instance.type,
        name=str(instance.name),
        id=instance.resource_id,
        body={name: _value(value) for name, value in expanded.body.items()},
        symbol=instance.symbol,
        after=expanded.waits_for,
        places=places,
        json_path=instance.node.json_path,
    )


def _note_places(places: dict[Path, str], value: Value, node: Node | None, *, path: Path) -> None:
    """The places of what is written member by member; the rest has that of the nearest piece around it."""
    if node is None:
        return
    places[path] = node.where
    if isinstance(value, dict):
        for name, member in value.items():
            _note_places(places, member, node.member(name), path=(*path, name))
    elif isinstance(value, list) and node.is_array:
        for index, (member, child) in enumerate(zip(value, node.elements(), strict=False)):
            _note_places(places, member, child, path=(*path, index))


def _value(value: Value) -> TemplateValue:
    match value:
        case DeployedValue(origin=origin) | DeployedObject(origin=origin):
            return LaterValue(origin=origin)
        case SecureText():
            return SecureValue(value=str.__str__(value))
        case SecureInteger():
            return SecureValue(value=int(value))
        case dict() if any(isinstance(name, SecureText) for name in value):
            return SecureValue(value="")
        case dict():
            return {name: _value(member) for name, member in value.items()}
        case list():
            return [_value(member) for member in value]
        case _:
            return value


def _later(expanded: ExpandedResource) -> InputError:
    instance = expanded.instance
    unknown = "name" if not isinstance(instance.name, str) else "condition"
    node = instance.node.member(unknown) or instance.node
    return InputError(
        "template-value-later",
        f"The {unknown} of a resource of type {instance.type} is known only after the deployment.",
        why=f"A plan is whole before anything is made; it is at {node.json_path}.",
        fix="Compute it from parameters that are given.",
        where=node.where,
    )


def _secure_name(expanded: ExpandedResource) -> InputError:
    node = expanded.instance.node.member("name") or expanded.instance.node
    return InputError(
        "template-value-secure",
        f"The name of a resource of type {expanded.instance.type} has the value of a secure parameter.",
        why="Names are in plans, which hold no secrets.",
        fix="Declare the parameter as `string` if it is no secret.",
        where=node.where,
    )


def _not_read(expanded: ExpandedResource) -> InputError:
    node = expanded.instance.node
    return InputError(
        "template-link-not-read",
        f"The template that '{expanded.instance.title}' links to is not read.",
        why="compleat reads linked templates from the folder of the template, or below it, and by https://.",
        fix=_LINK,
        where=node.where,
    )
