"""An environment's landing zone and stemcells: created in order, and deleted again.

Takes what clouds need and have, gives Plans. Nothing saved is needed: a sweep goes by the clouds' own word.
"""

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence

from cpi.contract.values import FoundLandingResource, FoundStemcell, LandingResource
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_landing_resource import DeleteLandingResource
from director.actions.delete_snapshot import DeleteSnapshot
from director.actions.delete_stemcell import DeleteStemcell
from director.actions.delete_vm import DeleteVm
from director.actions.update_landing_resource import UpdateLandingResource
from director.errors import InputError, raise_all
from director.model import cloud_names
from director.model.environments import managed_networks
from director.model.environments.desired import StemcellOffer
from director.model.environments.observed import CloudInventory
from director.model.ids import ActionId
from director.model.tasks.plan import Action, Plan
from director.model.tasks.work import Work
from director.plan import landing_changes, stemcell_creation
from director.plan.action_factory import ActionFactory, Description
from director.plan.environments import environment_plans
from director.plan.request import EnvironmentRequest, ImageNeed, LandingNeed

LANDING = "Creating landing zone"
SWEEPING = "Deleting environment"

_GONE = "the environment is deleted"
_ABSENT = "not there yet"
_BEHIND = 0.5
_HALF = "its creation never completed"


def plan_environment(request: EnvironmentRequest, needs: Sequence[LandingNeed]) -> Plan:
    """Create what is missing. Raises InputError: landing-order (a resource that comes after nothing we know),
    landing-part-refused (what cannot change).
    """
    factory = environment_plans.new_factory(request)
    return environment_plans.plan_actions(request, [action for need in needs for action in _create_all(need, factory)])


def plan_sweep(request: EnvironmentRequest, inventories: Sequence[CloudInventory]) -> Plan:
    """Delete everything of the environment: VMs, then snapshots, disks and stemcells, then the landing zone."""
    factory = environment_plans.new_factory(request)
    return environment_plans.plan_actions(
        request, [action for inventory in inventories for action in _sweep(inventory, factory)]
    )


def _create_all(need: LandingNeed, factory: ActionFactory) -> Iterable[Action]:
    """Stemcells come last: an image is kept in a group, or uploaded through a store, of the landing zone's."""
    landing = tuple(_create_landing(need, factory))
    yield from landing
    yield from _update_landing(need, landing, factory=factory)
    yield from _create_stemcells(need, factory, after=tuple(action.id for action in landing))


def _create_landing(need: LandingNeed, factory: ActionFactory) -> Iterable[Action]:
    """What is missing, and what may be half made: making that again completes it."""
    found = {(one.kind, one.name): _is_whole(one, need) for one in need.found}
    names = {resource.name for resource in need.resources}
    missing = [resource for resource in need.resources if not found.get((resource.kind, resource.name))]
    ids = {
        (resource.kind, resource.name): factory.id_of(
            "create_landing_resource", _subject(resource), cloud_names.shown_name(need.cloud)
        )
        for resource in missing
    }
    for resource in missing:
        is_there = (resource.kind, resource.name) in found
        about = Description(subject=_subject(resource), reason=_HALF if is_there else _ABSENT, stage=LANDING)
        work = CreateLandingResource(
            cloud=need.cloud, resource=resource, owner=factory.owner_of(ids[resource.kind, resource.name])
        )
        yield factory.new_action(
            work, about, after=_waits(resource, names, ids), detail=cloud_names.shown_name(need.cloud)
        )


def _update_landing(need: LandingNeed, created: Sequence[Action], *, factory: ActionFactory) -> Iterable[Action]:
    """What is there, whole, and has other rules or routes than it is to have; after what they name and is missing."""
    new = {one.work.resource.name: one.id for one in created if isinstance(one.work, CreateLandingResource)}
    there = {(one.kind, one.name): one for one in need.found if _is_whole(one, need)}
    pairs = [(one, there[one.kind, one.name]) for one in need.resources if (one.kind, one.name) in there]
    raise_all([problem for wanted, found in pairs for problem in landing_changes.find_fixed(wanted, found)])
    for resource, found in pairs:
        reason = landing_changes.reason_of(resource, found)
        if not reason:
            continue
        about = Description(subject=_subject(resource), reason=reason, stage=LANDING)
        action = factory.id_of("update_landing_resource", _subject(resource), cloud_names.shown_name(need.cloud))
        work = UpdateLandingResource(cloud=need.cloud, resource=resource, owner=factory.owner_of(action))
        after = tuple(new[name] for name in resource.after if name in new)
        yield factory.new_action(work, about, after=after, detail=cloud_names.shown_name(need.cloud))


def _is_whole(found: FoundLandingResource, need: LandingNeed) -> bool:
    """Networks that deployments create are in no record of an environment: what they lack is in their entries."""
    return need.whole is None or found.cid in need.whole or managed_networks.is_managed(found)


def _waits(resource: LandingResource, names: set[str], ids: Mapping[tuple[str, str], ActionId]) -> tuple[ActionId, ...]:
    """A resource may have the name of one of another kind that it depends on, and comes after it."""
    unknown = [name for name in resource.after if name not in names]
    if unknown:
        raise InputError(
            "landing-order",
            f"Landing resource '{resource.name}' depends on '{unknown[0]}', which does not exist.",
            why=f"Landing resources: {', '.join(sorted(names))}.",
            fix="Correct the cloud's landing_resources.",
        )
    earlier = list(itertools.takewhile(lambda key: key != (resource.kind, resource.name), ids))
    return tuple(ids[key] for name in resource.after for key in earlier if key[1] == name)


def _create_stemcells(need: LandingNeed, factory: ActionFactory, *, after: Sequence[ActionId]) -> Iterable[Action]:
    found = {_key(one) for one in need.found_stemcells}
    for offer in need.stemcells:
        if _key(offer) not in found:
            properties = need.stemcell_properties
            yield stemcell_creation.create_stemcell(offer, need.cloud, factory, made_of=properties, after=after)
    missing = [image for image in need.images if _key(image.offer) not in found]
    raise_all([_source_gone(image) for image in missing if image.source is None])
    for image in missing:
        if image.source is not None:
            yield stemcell_creation.create_stemcell(image.offer, need.cloud, factory, made_of=image.source, after=after)


def _key(offer: StemcellOffer | FoundStemcell) -> tuple[str, str, str]:
    return offer.os, offer.version, offer.architecture


def _source_gone(image: ImageNeed) -> InputError:
    return InputError(
        "image-source-gone",
        f"The cloud has lost the stemcell {image.offer.os}/{image.offer.version}, and it cannot be made again.",
        why="The VM that it was made of does not exist.",
        fix="Deploy the template without the image first, then with it.",
    )


def _sweep(inventory: CloudInventory, factory: ActionFactory) -> Iterable[Action]:
    """Each kind waits for all of the kinds before it; within the landing zone, the last made goes first."""
    cloud = inventory.cloud
    vms = [
        _gone(factory, cloud, DeleteVm(cloud=cloud, cid=vm.created.cid), thing=("VM", vm.created.cid), after=())
        for vm in inventory.vms
    ]
    after = tuple(action.id for action in vms)
    snapshots = [
        _gone(factory, cloud, DeleteSnapshot(cloud=cloud, cid=one.cid), thing=("snapshot", one.cid), after=after)
        for one in inventory.snapshots
    ]
    loose = (*after, *(action.id for action in snapshots))
    disks = [
        _gone(factory, cloud, DeleteDisk(cloud=cloud, cid=one.cid), thing=("disk", one.cid), after=loose)
        for one in inventory.disks
    ]
    stemcells = [
        _gone(factory, cloud, DeleteStemcell(cloud=cloud, cid=one.cid), thing=("stemcell", one.cid), after=after)
        for one in inventory.stemcells
    ]
    own = (*vms, *snapshots, *disks, *stemcells)
    return (*own, *_sweep_landing(inventory, factory, tuple(action.id for action in own)))


def _sweep_landing(inventory: CloudInventory, factory: ActionFactory, after: tuple[ActionId, ...]) -> Iterable[Action]:
    """One after the other, backwards: what a resource came after is the cloud's knowledge, its order is ours."""
    for resource in _made_last_first(inventory):
        work = DeleteLandingResource(cloud=inventory.cloud, cid=resource.cid)
        action = _gone(factory, inventory.cloud, work, thing=(resource.kind, resource.name), after=after)
        yield action
        after = (action.id,)


def _made_last_first(inventory: CloudInventory) -> Sequence[FoundLandingResource]:
    """By the known order of making. What is not in it, as what templates added, comes after all that is listed before
    it: clouds list each after what it needs.
    """
    places = {(one.kind, one.name): float(place) for place, one in enumerate(inventory.resources)}
    last, made = -1.0, list[tuple[float, int]]()
    for number, one in enumerate(inventory.landing):
        place = places.get((one.kind, one.name), last + _BEHIND)
        last = max(last, math.floor(place))
        made.append((place, number))
    return [inventory.landing[number] for _, number in sorted(made, reverse=True)]


def _gone(
    factory: ActionFactory, cloud: str, work: Work, *, thing: tuple[str, str], after: tuple[ActionId, ...]
) -> Action:
    about = Description(subject=f"{thing[0]} {thing[1]}", reason=_GONE, stage=SWEEPING)
    return factory.new_action(work, about, after=after, detail=cloud_names.shown_name(cloud))


def _subject(resource: LandingResource) -> str:
    return f"{resource.kind} {resource.name}"
