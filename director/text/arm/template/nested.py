"""Deployments within a template: what they deploy, where, and with which parameters.

Takes an instance of Microsoft.Resources/deployments, gives its template with its parameters and its scope.
Source: MicrosoftDocs/azure-docs linked-templates.md @00abd98e7183.
"""

from collections.abc import Callable, Iterator
from dataclasses import field, replace

from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document
from director.text.arm.functions import uris
from director.text.arm.surroundings import DeploymentScope, Surroundings
from director.text.arm.template import nested_scopes, problems, sections, trees
from director.text.arm.template.instances import ResourceInstance
from director.text.arm.template.names import TemplateRun
from director.text.arm.template.nodes import Node, root_of
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.template.problems import TemplateFindings
from director.text.arm.values import DeployedValue, SecureText, Value

_HTTPS = "https://"


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedDeployment:
    """`is_inner`: the template has names of its own; otherwise it uses those around it."""

    node: Node
    is_inner: bool
    surroundings: Surroundings
    parameters: tuple[GivenParameter, ...] = field(default=(), repr=False)


def nested_deployment(
    instance: ResourceInstance, run: TemplateRun, *, links: Callable[[str], Document | None]
) -> NestedDeployment | None:
    """Read a deployment; None where its template cannot be read, which is a remark, or a problem."""
    properties = instance.node.member("properties")
    written = nested_scopes.nested_template(instance.node)
    link = properties.member("templateLink") if properties else None
    try:
        if written:
            return _written(instance, written, run)
        if link:
            return _linked(instance, link, run, links=links)
        raise problems.of_template(
            "A deployment needs a template or a templateLink in its properties.", instance.node, fix="Add 'template'."
        )
    except InputError as error:
        if error.code == problems.TOO_BIG:
            raise
        run.findings.add(error)
        return None


def _written(instance: ResourceInstance, template: Node, run: TemplateRun) -> NestedDeployment:
    is_inner = nested_scopes.is_inner(instance.node)
    surroundings = _surroundings(instance, template, is_inner=is_inner)
    if is_inner:
        parameters = tuple(_parameters(instance, run))
        return NestedDeployment(node=template, is_inner=True, surroundings=surroundings, parameters=parameters)
    for resource in sections.read_resources(template.member("resources")):
        if resource.node.member("copy"):
            raise problems.of_template(
                "A nested template with outer scope cannot have loops.",
                resource.node,
                fix="Set expressionEvaluationOptions.scope to inner.",
            )
    return NestedDeployment(node=template, is_inner=False, surroundings=surroundings)


def _linked(
    instance: ResourceInstance, link: Node, run: TemplateRun, *, links: Callable[[str], Document | None]
) -> NestedDeployment | None:
    address = _address(instance, link)
    document = _read_link(instance, link, address, links=links) if address else None
    if document is None:
        text = f"The linked template '{_shown(address) or '(known after deployment)'}' cannot be read from here."
        run.findings.remark("template-link-not-read", f"{text} Its resources are not listed.", link)
        return None
    for remark in document.remarks:
        run.findings.remark(remark.code, remark.text, link)
    template = root_of(document)
    wanted = link.text("contentVersion")
    found = template.text("contentVersion")
    if wanted and found and wanted != found:
        raise problems.of_template(
            f"The content version contained in the template '{found}' does not match the content version found in the "
            f"deployment object's TemplateLink property '{wanted}'.",
            link.member("contentVersion") or link,
            fix=f"Write '{found}'.",
        )
    surroundings = replace(_surroundings(instance, template, is_inner=True), template_link=_shown(address))
    parameters = tuple(_parameters(instance, run))
    return NestedDeployment(node=template, is_inner=True, surroundings=surroundings, parameters=parameters)


def _read_link(
    instance: ResourceInstance, link: Node, address: str, *, links: Callable[[str], Document | None]
) -> Document | None:
    """The query of an address matters where it is asked over the network; it may be secret, and is not shown."""
    if isinstance(address, SecureText) and "?" not in address:
        raise problems.of_template(
            "The address of a linked template has the value of a secure parameter.",
            link,
            fix="Write what is secret of it behind a '?', or as queryString.",
        )
    if not address.startswith(_HTTPS):
        return links(address.partition("?")[0])
    written = link.member("queryString")
    query = trees.evaluate_node(written, instance.names) if written else None
    place, hash_sign, digest = address.partition("#")
    given = (
        f"{place}{'&' if '?' in place else '?'}{str.__str__(query).lstrip('?')}" if isinstance(query, str) else place
    )
    try:
        return links(f"{given}{hash_sign}{digest}")
    except InputError as error:
        raise InputError.of(error, where=error.where or link.where) from error


def _address(instance: ResourceInstance, link: Node) -> str:
    """The address of a linked template, "" if it is not known."""
    for name in ("uri", "relativePath"):
        written = link.member(name)
        value = trees.evaluate_node(written, instance.names) if written else None
        if isinstance(value, str) and value:
            start = instance.names.surroundings.template_link
            return uris.resolve(start, value) if start and not uris.is_absolute(value) else value
    return ""


def _shown(address: str) -> str:
    """The address without a query that is secret; templates that are linked from there are linked without it."""
    return str.partition(address, "?")[0] if isinstance(address, SecureText) else address


def _surroundings(instance: ResourceInstance, template: Node, *, is_inner: bool) -> Surroundings:
    here = instance.names.surroundings
    values = [_member(instance, name) for name in ("subscriptionId", "resourceGroup")]
    target = nested_scopes.target(here, values[0], values[1]) or here
    scope = sections.read_template(template, TemplateFindings()).scope if is_inner else target.scope
    name = instance.name if isinstance(instance.name, str) else "deployment"
    is_group = isinstance(values[1], str)
    found = replace(target, scope=DeploymentScope.RESOURCE_GROUP if is_group else scope)
    return replace(found, deployment_name=name)


def _member(instance: ResourceInstance, name: str) -> Value:
    member = instance.node.member(name)
    return trees.evaluate_node(member, instance.names) if member else None


def _parameters(instance: ResourceInstance, run: TemplateRun) -> Iterator[GivenParameter]:
    properties = instance.node.member("properties")
    section = properties.member("parameters") if properties else None
    if properties and properties.member("parametersLink"):
        text = "Parameters by link are not read: the deployment's parameters have their defaults."
        run.findings.remark("template-link-not-read", text, properties)
    for name, node in section.members() if section else ():
        value = run.findings.attempt(lambda node=node: trees.evaluate_node(node, instance.names))  # type: ignore[misc]
        yield GivenParameter(name=name, value=_given(value), node=node)


def _given(value: Value) -> Value:
    """The value within {value: ...}; a reference to a key vault is the deployment's to resolve."""
    if isinstance(value, dict):
        if "value" in value:
            return value["value"]
        if "reference" in value:
            return DeployedValue(origin="a secret of a key vault")
    return value if isinstance(value, DeployedValue) else None
