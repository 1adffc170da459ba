"""What `down` is about to delete: names, sizes, ages and prices.

Takes what clouds list, and what the journal knows of it, gives a DeletionList.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from director.app.checks import overviews, pricing
from director.app.landing.recorded_resources import Key
from director.app.sessions.session import Session
from director.model import counting
from director.model.costs import Deletion, DeletionList, Lifetime, ResourceGroup
from director.model.environments.observed import CloudInventory
from director.model.report import RequestedDeletion
from director.observe import resource_lifetimes


def list_deletions(
    session: Session, inventories: Sequence[CloudInventory], recorded: Mapping[Key, RequestedDeletion]
) -> DeletionList:
    """By kind and name, those of a cloud together. Raises ExplainedError, code `interrupted`."""
    lifetimes = {
        (one.cloud, one.cid): one
        for one in resource_lifetimes.read_lifetimes(session.world, session.settings.environment)
        if one.deleted_at is None
    }
    overviews.refresh(
        session, [ResourceGroup(name="", requests={one.cloud: one.request}) for one in lifetimes.values()]
    )
    found = [
        _deletion(session, one, lifetimes.get((one.cloud, one.cid)), recorded=recorded) for one in _found(inventories)
    ]
    places = {(one.cloud, one.kind): number for number, one in reversed([*enumerate(found)])}
    found.sort(key=lambda one: (places[one.cloud, one.kind], counting.natural_key(one.name), one.cid))
    return DeletionList(environment=session.settings.environment, at=session.world.clock.now(), deletions=tuple(found))


def _deletion(
    session: Session, found: Deletion, lifetime: Lifetime | None, *, recorded: Mapping[Key, RequestedDeletion]
) -> Deletion:
    words = recorded.get(Key(kind=found.kind, cloud=found.cloud, cid=found.cid))
    named = replace(found, name=words.name) if words is not None else found
    if lifetime is None:
        return named
    prices = pricing.list_prices(session, found.cloud, lifetime.request)
    return replace(named, created_at=lifetime.created_at, prices=prices)


def _found(inventories: Iterable[CloudInventory]) -> Iterator[Deletion]:
    for each in inventories:
        cloud = each.cloud
        yield from (Deletion(kind="vm", cloud=cloud, cid=vm.created.cid, name=vm.created.cid) for vm in each.vms)
        for disk in each.disks:
            yield Deletion(kind="disk", cloud=cloud, cid=disk.cid, name=disk.cid, size_mib=disk.size_mib)
        yield from (Deletion(kind="snapshot", cloud=cloud, cid=one.cid, name=one.cid) for one in each.snapshots)
        yield from (Deletion(kind="stemcell", cloud=cloud, cid=one.cid, name=one.cid) for one in each.stemcells)
        for part in each.landing:
            yield Deletion(kind=part.kind, cloud=cloud, cid=part.cid, name=part.name)
