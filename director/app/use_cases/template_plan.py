"""What `up` of a template would do: the plans of all its deployments, and the same in ARM's words (what-if).

Takes a Session and a template's request, gives plans with their price, or a table of changes. Writes nothing.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director import errors
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.create_stemcell import CreateStemcell
from director.actions.update_landing_resource import UpdateLandingResource
from director.app.checks import overviews, preflight, pricing
from director.app.sessions import fingerprints
from director.app.sessions.session import Session
from director.app.templates.template_request import TemplateRequest
from director.app.use_cases import bundle_plan, bundle_preview, template_steps, up
from director.app.use_cases.template_steps import TemplateDeployments
from director.model import as_data, stemcell_names
from director.model.environments.environment import JUMPBOX
from director.model.environments.state import DeploymentState
from director.model.ids import DeploymentName
from director.model.report import Bill, CloudPlace, Table
from director.model.tasks.caller import Caller
from director.model.tasks.plan import Plan
from director.model.template_resources import RecordedResource
from director.plan.deciding import preflight_requests
from director.plan.deciding.preflight_requests import DeploymentStep
from director.ports.runner import Interrupted
from director.resolve.templates import image_properties, network_properties, property_table, storage_properties, what_if
from director.resolve.templates.request import StepKind
from director.resolve.templates.what_if import Compared, ResourceChange, WhatIfKind

_LANDED: Mapping[str, tuple[str, ...]] = {
    network_properties.ADDRESS: ("public_address",),
    network_properties.GROUP: ("security_group",),
    network_properties.BALANCER: ("load_balancer",),
    network_properties.NAT: ("nat_gateway", "nat"),
    network_properties.ROUTES: ("route_table",),
    storage_properties.ACCOUNT: ("blob_account",),
    storage_properties.CONTAINER: ("blob_container",),
    storage_properties.BLOBS: (),
}
"""Types that are resources of the landing zone, with its kinds: clouds have words of their own for some."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTemplate:
    """`landing` is the plan of the environment itself; `plans` are one for each deployment of the template."""

    template: TemplateDeployments
    landing: Plan
    plans: tuple[Plan, ...]
    bill: Bill
    clouds: tuple[CloudPlace, ...]

    @property
    def shown(self) -> tuple[Plan, ...]:
        """What to show: the environment's own plan only where it does something."""
        return self.plans if self.landing.is_empty else (self.landing, *self.plans)


def plan_template(
    session: Session, request: TemplateRequest, *, caller: Caller, max_cost: Decimal | None = None
) -> PlannedTemplate:
    """Raises InputError and Problems: all that is wrong with the template, and what clouds would refuse."""
    environment = bundle_preview.preview_environment(session)
    template = template_steps.read_template(session, environment, request)
    preflight.report_remarks(session, template.remarks)
    is_new = session.world.store.load_environment(environment.name) is None
    steps = _steps_before_up(template) if is_new else _steps(template, caller)
    landing, own = steps[0], steps[len(steps) - len(template.deployments) :]
    try:
        asked = preflight_requests.preflight_requests_of((landing, *own), unknown=_unknown(template))
        preflight.require_preflight(template.session, preflight.Asking(requests=asked), caller=caller)
    except Interrupted as error:
        raise errors.interrupted(caller.command) from error
    bill = overviews.overview_of(template.session, own, is_whole=False).bill
    pricing.require_affordable(bill, max_cost)
    return PlannedTemplate(
        template=template,
        landing=landing.plan,
        plans=tuple(step.plan for step in own),
        bill=bill,
        clouds=fingerprints.places_of(session),
    )


def explain_changes(session: Session, request: TemplateRequest, *, caller: Caller) -> Table:
    """What-if: each resource with what becomes of it; right after a deployment nothing does."""
    found = plan_template(session, request, caller=caller)
    translated = found.template.translated
    before = translated.before.resources if translated.before else ()
    changes = what_if.compare(
        Compared(
            before=before,
            after=translated.record.resources,
            missing=frozenset(_missing(found, before)),
            touched=dict(_touched(found)),
        )
    )
    rows = (*map(_row, changes), *(_row(one) for one in _others(found)))
    columns = ("change", "type", "name", "properties")
    count = sum(row["change"] not in (WhatIfKind.NO_CHANGE, WhatIfKind.IGNORE) for row in rows)
    return Table(name="changes", columns=columns, rows=rows, count=count, empty="The template has no resources.")


def _steps_before_up(template: TemplateDeployments) -> tuple[DeploymentStep, ...]:
    session = template.session
    return bundle_preview.preview_bundle(session, up.with_jumpboxes(session, {}, template.requested)).steps


def _steps(template: TemplateDeployments, caller: Caller) -> tuple[DeploymentStep, ...]:
    session = template.session
    environment = bundle_preview.preview_environment(session)
    landing = bundle_preview.landing_plan(session, environment)
    return (
        DeploymentStep(plan=landing),
        *(bundle_plan.step_of(session, environment, one.requested, caller=caller) for one in template.deployments),
    )


def _unknown(template: TemplateDeployments) -> frozenset[str]:
    return frozenset(bundle_preview.placeholder_outputs_of(template.session).values())


def _missing(found: PlannedTemplate, before: tuple[RecordedResource, ...]) -> Iterator[str]:
    """Recorded resources of which nothing is left: their deployment, VM or address was deleted."""
    template = found.template
    session = template.session
    state = session.world.store.load_deployment(session.settings.environment, DeploymentName(template.translated.name))
    there = _vms(state)
    made = {action.subject for action in found.landing.actions if isinstance(action.work, CreateLandingResource)}
    images, kept = _made_images(found), {one.key: one.body for one in template.translated.record.resources}
    for one in before:
        match property_table.type_of(one.type):
            case (
                network_properties.ADDRESS
                | network_properties.BALANCER
                | network_properties.NAT
                | network_properties.ROUTES
                | storage_properties.ACCOUNT
                | storage_properties.BLOBS
                | storage_properties.CONTAINER as type_
            ):
                is_missing = any(f"{kind} {_landed_name(one)}" in made for kind in _LANDED[type_])
            case image_properties.IMAGE:
                is_missing = stemcell_names.system_of_image(one.name) in images and kept.get(one.key) == one.body
            case property_table.VM:
                is_missing = one.name not in there
            case property_table.BUNDLE | property_table.DEPLOYMENT:
                is_missing = False
            case property_table.ENVIRONMENT:
                is_missing = session.world.store.load_environment(session.settings.environment) is None
            case _:
                is_missing = state is None
        if is_missing:
            yield one.key


def _made_images(found: PlannedTemplate) -> frozenset[str]:
    """The systems of the images that the plan makes."""
    works = (action.work for action in found.landing.actions)
    return frozenset(work.request.os for work in works if isinstance(work, CreateStemcell))


def _vms(state: DeploymentState | None) -> frozenset[str]:
    records = state.instances if state else ()
    return frozenset(str(record.group) for record in records if record.vm is not None)


def _touched(found: PlannedTemplate) -> Iterator[tuple[str, str]]:
    """What the plans do to resources that the template has unchanged."""
    works = [(one.work, one.reason) for one in found.landing.actions]
    updates = [(work.resource, reason) for work, reason in works if isinstance(work, UpdateLandingResource)]
    changed = {(resource.kind, resource.name): reason for resource, reason in updates}
    for one in found.template.translated.record.resources:
        kinds = _LANDED.get(property_table.type_of(one.type) or "", ())
        name = _landed_name(one)
        reasons = [changed[kind, name] for kind in kinds if (kind, name) in changed]
        if one.type.lower() == property_table.ENVIRONMENT.lower():
            reasons = [text] if (text := _of_environment(found)) else []
        if reasons:
            yield one.key, reasons[0]
    for deployment, plan in zip(found.template.deployments, found.plans, strict=True):
        if deployment.step.kind is not StepKind.OWN:
            if deployment.step.resource is not None and not plan.is_empty:
                yield deployment.step.resource.key, _reasons(plan)
            continue
        for group in found.template.translated.translation.groups:
            actions = [one for one in plan.actions if one.subject.partition("/")[0] == group.resource.name]
            if actions:
                yield group.resource.key, "; ".join(dict.fromkeys(one.reason for one in actions if one.reason))


def _of_environment(found: PlannedTemplate) -> str:
    """Why the landing zone changes, apart from what is a resource of the template itself."""
    own = {
        f"{kind} {_landed_name(one)}"
        for one in found.template.translated.record.resources
        for kind in _LANDED.get(property_table.type_of(one.type) or "", ())
    }
    actions = tuple(
        one
        for one in found.landing.actions
        if one.subject not in own
        and not (isinstance(one.work, CreateStemcell) and stemcell_names.is_of_image(one.work.request.os))
    )
    return _reasons(replace(found.landing, actions=actions))


def _landed_name(resource: RecordedResource) -> str:
    """What the landing zone calls it: a container by its account and its own name, without the service between."""
    if property_table.type_of(resource.type) != storage_properties.CONTAINER:
        return resource.name
    words = resource.name.split("/")
    return f"{words[0]}/{words[-1]}"


def _reasons(plan: Plan) -> str:
    reasons = list(dict.fromkeys(action.reason for action in plan.actions if action.reason))
    return "; ".join(reasons[:3]) + (f"; and {len(reasons) - 3} more reasons" if len(reasons) > 3 else "")


def _others(found: PlannedTemplate) -> Iterator[ResourceChange]:
    """Deployments of the environment that are not the template's."""
    session = found.template.session
    own = {one.name for one in found.template.deployments} | {JUMPBOX}
    for state in session.world.store.list_deployments(session.settings.environment):
        if state.deployment is not ENVIRONMENT_ITSELF and str(state.deployment) not in own:
            resource = RecordedResource(id="", type=property_table.DEPLOYMENT, name=str(state.deployment))
            yield ResourceChange(kind=WhatIfKind.IGNORE, resource=resource, reason="it is not in the template")


def _row(change: ResourceChange) -> Mapping[str, JsonValue]:
    properties: list[JsonValue] = [
        f"{one.path}: {_text(one.before)} => {_text(one.after)}" for one in change.properties
    ]
    delta: list[JsonValue] = [
        {"path": one.path, "before": as_data.encode(one.before), "after": as_data.encode(one.after)}
        for one in change.properties
    ]
    return {
        "change": str(change.kind),
        "type": change.resource.type,
        "name": change.resource.name,
        "properties": properties or ([change.reason] if change.reason else []),
        "id": change.resource.id,
        "delta": delta,
        "reason": change.reason,
    }


def _text(value: object) -> str:
    return "(none)" if value is None else str(value)
