"""Managed networks: created before the first VM on them, deleted when no deployment uses them.

Takes actions and what clouds have of such networks, gives actions. They belong to the environment, not to a deployment.
Source: cloudfoundry/bosh deployment_plan/stages/create_network.rb, orphan_network_manager.rb.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from cpi.contract.values import ENVIRONMENT_ITSELF, LandingResource
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.create_vm import CreateVm
from director.actions.delete_landing_resource import DeleteLandingResource
from director.actions.delete_vm import DeleteVm
from director.actions.update_landing_resource import UpdateLandingResource
from director.model import cloud_names
from director.model.environments import managed_networks
from director.model.environments.desired import Desired
from director.model.environments.managed_networks import ManagedNeed
from director.model.environments.observed import Observed
from director.model.ids import ActionId
from director.model.tasks.plan import Action
from director.plan import landing_changes
from director.plan.action_factory import ActionFactory, Description

CREATING = "Creating managed networks"
UPDATING = "Updating managed networks"
DELETING = "Deleting managed networks"


def with_networks(
    actions: Sequence[Action], desired: Desired, observed: Observed, *, factory: ActionFactory
) -> Sequence[Action]:
    """The actions, and before them those that create the networks of new VMs."""
    created: list[Action] = []
    waits: dict[ActionId, list[ActionId]] = {}
    for need in desired.managed:
        vms = [one.id for one in actions if _is_on(one, need)]
        changed = _update(need, observed, factory)
        made = (_create(need, observed, factory) or changed) if vms else changed
        created.extend(made)
        for vm in vms:
            waits.setdefault(vm, []).extend(action.id for action in made)
    return (*created, *(replace(one, after=(*one.after, *waits.get(one.id, ()))) for one in actions))


def delete_unused(
    actions: Iterable[Action], observed: Observed, factory: ActionFactory, *, used: frozenset[str] = frozenset()
) -> Iterator[Action]:
    """Delete those which neither this deployment (`used`) nor another has instances on, once the VMs are gone."""
    kept = used | {network for network, addresses in observed.taken.items() if addresses}
    gone = tuple(action.id for action in actions if isinstance(action.work, DeleteVm))
    for cloud, found in observed.managed.items():
        after = gone
        for resource in reversed(found):
            network = managed_networks.network_of(resource)
            if network in kept:
                continue
            about = Description(
                subject=f"{resource.kind} {resource.name}",
                reason=f"nothing uses managed network '{network}'",
                stage=DELETING,
            )
            work = DeleteLandingResource(cloud=cloud, cid=resource.cid)
            action = factory.new_action(work, about, after=after, detail=cloud_names.shown_name(cloud))
            yield action
            after = (action.id,)


def _is_on(action: Action, need: ManagedNeed) -> bool:
    work = action.work
    return isinstance(work, CreateVm) and work.cloud == need.cloud and need.is_used_by(work.request.networks)


def _create(need: ManagedNeed, observed: Observed, factory: ActionFactory) -> tuple[Action, ...]:
    """All of its parts if one is missing: what is there already is completed."""
    there = {(one.kind, one.name) for one in observed.managed.get(need.cloud, ())}
    if all((one.kind, one.name) in there for one in need.resources):
        return ()
    owners = replace(factory, deployment=ENVIRONMENT_ITSELF)
    detail = cloud_names.shown_name(need.cloud)
    ids = {one.name: factory.id_of("create_landing_resource", _subject(one), detail) for one in need.resources}
    return tuple(
        factory.new_action(
            CreateLandingResource(cloud=need.cloud, resource=one, owner=owners.owner_of(ids[one.name])),
            Description(subject=_subject(one), reason="its first VM is created", stage=CREATING),
            after=_before(one, ids),
            detail=detail,
        )
        for one in need.resources
    )


def _update(need: ManagedNeed, observed: Observed, factory: ActionFactory) -> tuple[Action, ...]:
    """What is there and has other entries than it is to have."""
    there = {(one.kind, one.name): one for one in observed.managed.get(need.cloud, ())}
    owners = replace(factory, deployment=ENVIRONMENT_ITSELF)
    detail = cloud_names.shown_name(need.cloud)
    actions: list[Action] = []
    for one in need.resources:
        found = there.get((one.kind, one.name))
        reason = landing_changes.reason_of(one, found) if found else ""
        if reason:
            id_ = factory.id_of("update_landing_resource", _subject(one), detail)
            work = UpdateLandingResource(cloud=need.cloud, resource=one, owner=owners.owner_of(id_))
            about = Description(subject=_subject(one), reason=reason, stage=UPDATING)
            actions.append(factory.new_action(work, about, detail=detail))
    return tuple(actions)


def _before(resource: LandingResource, ids: Mapping[str, ActionId]) -> tuple[ActionId, ...]:
    """Parts of the landing zone itself are there."""
    return tuple(ids[name] for name in resource.after if name in ids)


def _subject(resource: LandingResource) -> str:
    return f"{resource.kind} {resource.name}"
