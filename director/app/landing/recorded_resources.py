"""VMs, disks and parts of the landing zone that our records name, compared with what the clouds have.

Takes a Session and an environment, gives what is recorded and was neither found nor deleted by a `down`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from cpi.contract.values import OwnerQuery
from director.actions.orphan_disk import OrphanDiskResult
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.environments.environment import Environment
from director.model.environments.observed import CloudInventory
from director.model.environments.state import DeploymentState, DiskRecord, VmRecord
from director.model.report import RequestedDeletion
from director.observe import begun_deletions, journal_inventory, newer_resources
from director.observe.begun_deletions import Deletions


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One thing at one cloud. `cloud` is None for parts of landing zones: their records do not say which."""

    kind: str
    cloud: str | None
    cid: str


def list_recorded(session: Session, environment: Environment) -> dict[Key, RequestedDeletion]:
    """What is recorded, each with the words for it; without what a `down` or an unfinished run began to delete."""
    states = session.world.store.list_deployments(environment.name)
    gone = begun_deletions.begun_deletions(session.world, environment.name, [state.deployment for state in states])
    recorded = (*_orphans(session, environment), *_recorded(environment, states, gone))
    return {key: words for key, words in recorded if (key.kind, key.cid) not in gone.resources}


def require_newest(session: Session, environment: Environment) -> None:
    """Refuse records that are older than a cloud, before what they do not name is deleted.

    Raises StateError, code `state-older`.
    """
    for cloud in session.world.clouds:
        found = take_inventory(session, cloud)
        newer_resources.require_known(session.world, environment.name, vms=found.vms, disks=found.disks)


def keys_in(inventories: Iterable[CloudInventory]) -> Iterator[Key]:
    """What clouds have."""
    for each in inventories:
        yield from (Key(kind="vm", cloud=each.cloud, cid=vm.created.cid) for vm in each.vms)
        yield from (Key(kind="disk", cloud=each.cloud, cid=disk.cid) for disk in each.disks)
        yield from (Key(kind="landing resource", cloud=None, cid=part.cid) for part in each.landing)


def take_inventory(session: Session, cloud: str) -> CloudInventory:
    """By the cloud's own word; where it cannot find, what the journal names and the cloud still has."""
    connected, environment = session.world.clouds[cloud], session.settings.environment
    landing = connected.landing.find_landing_resources(environment) if connected.landing else ()
    if connected.finder is None:
        return replace(journal_inventory.recorded_inventory(session.world, environment, cloud), landing=landing)
    query = OwnerQuery(environment=environment)
    return CloudInventory(
        cloud=cloud,
        vms=connected.finder.find_vms(query),
        disks=connected.finder.find_disks(query),
        snapshots=connected.finder.find_snapshots(query),
        stemcells=connected.finder.find_stemcells(query),
        landing=landing,
    )


def require_found(session: Session, environment: Environment) -> None:
    """Refuse an environment without fingerprints of which nothing that is recorded is found.

    It was created before fingerprints existed: only a query of the clouds shows whether they are its own. Raises
    InputError, code `environment-moved`.
    """
    recorded = {} if environment.fingerprints else list_recorded(session, environment)
    if not recorded:
        return
    found = keys_in(take_inventory(session, cloud) for cloud in session.world.clouds)
    if recorded.keys().isdisjoint(found):
        raise InputError(
            "environment-moved",
            f"None of the {len(recorded)} recorded resources of environment '{environment.name}' exists in its cloud.",
            why=f"Its records name {_examples(recorded.values())}; the file or the login may select another cloud.",
            fix="Restore the file or the login, then run the command again. If the resources are gone for good, "
            f"`compleat down --forget -e {environment.name}` drops the records.",
        )


def _examples(recorded: Iterable[RequestedDeletion]) -> str:
    first = [each.name for each in recorded]
    return ", ".join(first[:3]) + (f" and {len(first) - 3} more" if len(first) > 3 else "")


def _recorded(
    environment: Environment, states: Iterable[DeploymentState], gone: Deletions
) -> Iterator[tuple[Key, RequestedDeletion]]:
    for state in states:
        for record in sorted(state.instances, key=lambda record: (record.group, record.index)):
            of = f"{record.name} of {state.deployment}"
            if record.vm is not None and record.id not in gone.instances:
                yield _vm(record.vm, of=of)
            yield from (_disk(disk, of=of) for disk in record.disks)
        for name, vm in state.compilers.items():
            if name not in gone.compilers:
                yield _vm(vm, of=f"{name} of {state.deployment}")
    for part in environment.landing:
        words = RequestedDeletion(kind="landing resource", name=f"{part.kind} {part.name}")
        yield Key(kind="landing resource", cloud=None, cid=part.cid), words


def _orphans(session: Session, environment: Environment) -> Iterator[tuple[Key, RequestedDeletion]]:
    """Disks that a deployment let go: no state names them, and the journal does."""
    for done in session.world.journal.read_done(environment.name, "orphan_disk", after=environment.former_runs):
        result = done.result
        if isinstance(result, OrphanDiskResult) and result.instance:  # older entries do not note it
            key = Key(kind="disk", cloud=result.cloud, cid=result.cid)
            yield key, RequestedDeletion(kind="disk", name=f"{result.cid} (orphaned by {result.instance})")


def _vm(vm: VmRecord, *, of: str) -> tuple[Key, RequestedDeletion]:
    return Key(kind="vm", cloud=vm.cloud, cid=vm.cid), RequestedDeletion(kind="vm", name=f"{vm.cid} ({of})")


def _disk(disk: DiskRecord, *, of: str) -> tuple[Key, RequestedDeletion]:
    return Key(kind="disk", cloud=disk.cloud, cid=disk.cid), RequestedDeletion(kind="disk", name=f"{disk.cid} ({of})")
