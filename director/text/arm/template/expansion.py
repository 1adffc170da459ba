"""A template to the resources and outputs that it describes.

Takes a template's document, what surrounds the deployment and given parameters, gives the resources in the order in
which they are deployed, outputs, and all that is wrong. Source: MicrosoftDocs/azure-docs syntax.md @01292a9960bd,
linked-templates.md @00abd98e7183.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.errors import InputError
from director.model.documents import Document, Remark
from director.text.arm.budget import MAX_STEPS, Budget
from director.text.arm.failures import BudgetError
from director.text.arm.surroundings import Surroundings
from director.text.arm.template import (
    checks,
    dependencies,
    deployment_functions,
    instances,
    nested_scopes,
    outputs,
    problems,
    sections,
    trees,
)
from director.text.arm.template.deployed import DeployedResources
from director.text.arm.template.instances import ResourceInstance
from director.text.arm.template.names import TemplateNames, TemplateRun, names_of
from director.text.arm.template.nested import NestedDeployment, nested_deployment
from director.text.arm.template.nodes import Node, root_of
from director.text.arm.template.outputs import TemplateOutput
from director.text.arm.template.parameters import GivenParameter
from director.text.arm.template.resource_index import ResourceIndex
from director.text.arm.template.sections import Template
from director.text.arm.values import DeployedObject, KnownObject, Value

LinkedTemplates = Callable[[str], Document | None]
"""The template at an address; None if it cannot be read from here."""
_CONSUMED = frozenset(
    {
        *("name", "type", "apiversion", "condition", "copy", "dependson", "resources", "comments", "existing", "scope"),
        *("metadata",),
    }
)
_MAX_DEPLOYMENTS = 8
"""Deployments within each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandedResource:
    """`body` has its other members, evaluated. `waits_for` are symbolic names, identifiers and names of loops.

    `deployment` is what a nested or linked template expands to; None for other resources, and where the template
    cannot be read.
    """

    instance: ResourceInstance
    body: Mapping[str, Value] = field(repr=False)
    waits_for: tuple[str, ...] = ()
    deployment: "Expanded | None" = None
    is_inner: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """`resources` are those that would be deployed; `skipped` have a condition that is false."""

    template: Template
    parameters: Mapping[str, Value] = field(repr=False)
    resources: tuple[ExpandedResource, ...] = ()
    skipped: tuple[ResourceInstance, ...] = ()
    outputs: tuple[TemplateOutput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The root template with all problems and remarks of it and of those within."""

    root: Expanded
    problems: tuple[ExplainedError, ...] = ()
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpandRequest:
    """What to expand. `links` reads linked templates; `steps` is the work that may be spent."""

    document: Document
    surroundings: Surroundings = field(default_factory=Surroundings)
    parameters: tuple[GivenParameter, ...] = ()
    links: LinkedTemplates = lambda _: None
    steps: int = MAX_STEPS


def expand(request: ExpandRequest) -> Expansion:
    """Check a template and evaluate all of it. Raises InputError if it is too big: template-too-big."""
    run = TemplateRun(budget=Budget(request.steps))
    scope = sections.read_template(root_of(request.document), run.findings).scope
    expander = _Expander(run, request.links)
    here = replace(request.surroundings, scope=scope)
    try:
        root = expander.expand(root_of(request.document), here, request.parameters, depth=0)
    except BudgetError as error:
        raise problems.of_expression(error, root_of(request.document)) from error
    findings = run.findings
    return Expansion(
        root=root,
        problems=tuple(findings.problems),
        remarks=(*request.document.remarks, *dict.fromkeys(findings.remarks)),
    )


def each_resource(expanded: Expanded) -> Iterator[ExpandedResource]:
    """All resources in order, those of nested deployments included.

    A deployment with a scope of its own stands before its resources; the resources of one that shares its parent's
    scope stand before it, as they are the parent's.
    """
    for resource in expanded.resources:
        if resource.is_inner:
            yield resource
        if resource.deployment:
            yield from each_resource(resource.deployment)
        if not resource.is_inner:
            yield resource


class _Expander:
    def __init__(self, run: TemplateRun, links: LinkedTemplates) -> None:
        self._run = run
        self._links = links

    def expand(
        self, node: Node, surroundings: Surroundings, given: Sequence[GivenParameter], *, depth: int
    ) -> Expanded:
        """A template with names of its own."""
        template = sections.read_template(node, self._run.findings)
        lookup = DeployedResources(surroundings)
        names = names_of(template, surroundings, given, run=self._run, lookup=lookup)
        checks.check_expressions(names)
        parameters = names.parameters.check()
        return self._contents(template, names, parameters, depth=depth)

    def _contents(
        self, template: Template, names: TemplateNames, parameters: Mapping[str, Value], *, depth: int
    ) -> Expanded:
        lookup = names.lookup
        assert isinstance(lookup, DeployedResources)
        listed = instances.list_instances(template.resources, names)
        _check_duplicates(listed.all, self._run)
        lookup.index = ResourceIndex(listed)
        order = dependencies.order_resources(listed.all, lookup.index, names)
        resources = [
            self._resource(each, lookup, depth=depth, waits_for=order.waits_for.get(each.number, ()))
            for each in order.resources
            if each.is_wanted is not False and not each.is_existing
        ]
        return Expanded(
            template=template,
            parameters=parameters,
            resources=tuple(resources),
            skipped=tuple(each for each in listed.all if each.is_wanted is False),
            outputs=outputs.evaluate_outputs(template, names),
        )

    def _resource(
        self, instance: ResourceInstance, lookup: DeployedResources, *, depth: int, waits_for: tuple[str, ...]
    ) -> ExpandedResource:
        if nested_scopes.is_deployment(instance.node):
            return self._deployment(instance, lookup, depth=depth, waits_for=waits_for)
        body = {
            name: self._run.findings.attempt(lambda member=member: trees.evaluate_node(member, instance.names))  # type: ignore[misc]
            for name, member in instance.node.members()
            if name.lower() not in _CONSUMED
        }
        kept = {name: without_nulls(value) for name, value in body.items() if value is not None}
        lookup.outcomes[instance.number] = kept
        return ExpandedResource(instance=instance, body=kept, waits_for=waits_for)

    def _deployment(
        self, instance: ResourceInstance, lookup: DeployedResources, *, depth: int, waits_for: tuple[str, ...]
    ) -> ExpandedResource:
        if depth >= _MAX_DEPLOYMENTS:
            raise InputError(
                "template-too-big",
                f"Deployments nest deeper than {_MAX_DEPLOYMENTS} levels.",
                where=instance.node.where,
                fix="Deploy the inner templates on their own.",
            )
        nested = nested_deployment(instance, self._run, links=self._links)
        inside = self._inside(nested, instance, depth=depth + 1) if nested else None
        found = {each.name: each.as_value() for each in inside.outputs} if inside else None
        properties: dict[str, Value] = {"mode": "Incremental", "provisioningState": "Succeeded"}
        if found is not None:
            properties["outputs"] = KnownObject(found)
        lookup.outcomes[instance.number] = {"properties": properties}
        body: dict[str, Value] = {"properties": {"mode": "Incremental"}}
        is_inner = nested.is_inner if nested else True
        return ExpandedResource(instance=instance, body=body, waits_for=waits_for, deployment=inside, is_inner=is_inner)

    def _inside(self, nested: NestedDeployment, instance: ResourceInstance, *, depth: int) -> Expanded:
        if nested.is_inner:
            return self.expand(nested.node, nested.surroundings, nested.parameters, depth=depth)
        template = sections.read_template(nested.node, self._run.findings)
        own = deployment_functions.functions(template, nested.surroundings, ())
        functions = {**instance.names.functions, **own}
        lookup = DeployedResources(nested.surroundings, around=instance.names.lookup)
        shared = replace(instance.names, lookup=lookup, functions=functions)
        return self._contents(template, shared, {}, depth=depth)


def without_nulls(value: Value) -> Value:
    """A property that is null is absent."""
    if isinstance(value, DeployedObject):
        return value
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


def _check_duplicates(found: Sequence[ResourceInstance], run: TemplateRun) -> None:
    seen: set[str] = set()
    for each in [one for one in found if not one.is_existing]:
        key = each.resource_id.lower()
        if key and key in seen:
            what = f"The resource '{each.title}' {each.node.line_and_column} is defined multiple times in a template."
            why = "Azure Resource Manager refuses it also where the conditions exclude each other."
            fix = "Give each a name of its own, or put the condition into one resource."
            run.findings.add(problems.of_template(what, each.node.member("name") or each.node, why=why, fix=fix))
        if key:
            seen.add(key)
