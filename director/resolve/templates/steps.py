"""The order in which a template's parts are deployed: its VMs, its bundle, its deployments.

Takes resources in the order of their deployment, gives steps; reports what is wrong with them.
"""

from collections.abc import Iterator, Mapping, Sequence

from director.model.secret_ref import Property
from director.model.template_resources import LaterValue, SecureValue, TemplateResource, TemplateValue
from director.resolve.findings import Findings
from director.resolve.templates import pieces, property_table
from director.resolve.templates.pieces import TemplatePiece, body_of
from director.resolve.templates.request import StepKind, TemplateStep

_WITH_MANIFESTS = (property_table.BUNDLE, property_table.DEPLOYMENT)
_APART = (*_WITH_MANIFESTS, property_table.ENVIRONMENT)


def read_steps(resources: Sequence[TemplateResource], *, has_vms: bool, found: Findings) -> tuple[TemplateStep, ...]:
    """The VMs come first, or last where one of their resources waits for a deployment.

    Reports: template-order, template-bundle-twice, template-value-invalid.
    """
    deployed = [one for one in resources if property_table.type_of(one.type) in _WITH_MANIFESTS]
    others = [one for one in resources if property_table.type_of(one.type) not in _APART]
    _check_environment(resources, found)
    steps = [_step(one, found) for one in deployed]
    bundles = [one for one in deployed if property_table.type_of(one.type) == property_table.BUNDLE]
    for more in bundles[1:]:
        body_of(more).report_here(
            "template-bundle-twice",
            f"the template has another bundle, '{bundles[0].name}'.",
            found=found,
            why="The report at the end is a bundle's.",
            fix="Keep one, and add further deployments as Compleat/deployments.",
        )
    if not has_vms:
        return tuple(steps)
    own = TemplateStep(kind=StepKind.OWN)
    waiting = next((one for one in others if _waits(one, deployed)), None)
    if waiting is None:
        return (own, *steps)
    before = next((one for one in deployed if _waits(one, others)), None)
    if before is not None:
        body_of(before).report_here(
            "template-order",
            f"it waits for resources that are made together with '{waiting.name}', which waits for a deployment.",
            found=found,
            why="All VMs and networks of a template are one deployment.",
            fix="Remove one of the two dependencies, or split the template.",
        )
    return (*steps, own)


def _check_environment(resources: Sequence[TemplateResource], found: Findings) -> None:
    """It is made before anything that could be in it."""
    for one in resources:
        if property_table.type_of(one.type) == property_table.ENVIRONMENT and _waits(one, resources):
            body_of(one).report_here(
                "template-order",
                "it waits for another resource of the template.",
                found=found,
                why="An environment is made first: everything else is in it.",
                fix="Remove its `dependsOn`, and what it reads of other resources.",
            )


def _waits(resource: TemplateResource, others: Sequence[TemplateResource]) -> bool:
    words = {word.lower() for word in resource.after}
    return any({one.key, one.name.lower(), one.symbol.lower()} & words for one in others)


def _step(resource: TemplateResource, found: Findings) -> TemplateStep:
    properties = body_of(resource).at("properties")
    variables, secrets = _variables(properties.at("variables"), found)
    if property_table.type_of(resource.type) == property_table.BUNDLE:
        bundle = properties.at("bundle")
        source = bundle.text(found) if bundle.is_written else resource.name
        return TemplateStep(
            kind=StepKind.BUNDLE, resource=resource, source=source, variables=variables, secrets=secrets
        )
    manifest = properties.at("manifest")
    if not isinstance(manifest.value, str | Mapping):
        (manifest if manifest.is_written else body_of(resource)).report_here(
            pieces.INVALID,
            "a deployment needs its manifest.",
            found=found,
            fix="Write properties.manifest: the path of a file beside the template, or the manifest itself.",
        )
    return TemplateStep(
        kind=StepKind.DEPLOYMENT,
        resource=resource,
        source=_plain(manifest.value),
        ops=tuple(text for each in properties.at("ops").elements() if (text := each.text(found))),
        variables=variables,
        secrets=secrets,
    )


def _variables(piece: TemplatePiece, found: Findings) -> tuple[Mapping[str, Property], Mapping[str, SecureValue]]:
    plain: dict[str, Property] = {}
    secrets: dict[str, SecureValue] = {}
    for name, member in piece.members():
        if isinstance(member.value, SecureValue):
            secrets[name] = member.value
        elif any(isinstance(each, SecureValue) for each in _leaves(member.value)):
            member.report_here(
                "template-value-secure",
                f"the variable '{name}' has a secure value within it.",
                found=found,
                why="A secret of the vault is one text.",
                fix="Give each secure value a variable of its own.",
            )
        else:
            plain[name] = _plain(member.value)
    return plain, secrets


def _leaves(value: TemplateValue) -> Iterator[TemplateValue]:
    if isinstance(value, Mapping):
        for member in value.values():
            yield from _leaves(member)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _leaves(member)
    else:
        yield value


def _plain(value: TemplateValue) -> Property:
    """The value without what a problem was reported for."""
    match value:
        case LaterValue() | SecureValue():
            return None
        case Mapping():
            return {key: _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case _:
            return value  # type: ignore[return-value]  # a scalar
