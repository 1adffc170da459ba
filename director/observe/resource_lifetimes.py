"""What was created and deleted of an environment, and when, by its journal.

Takes a world, gives lifetimes. What was deleted by hand is still there for the journal, and what a cloud created beside
what was requested is not in it.
"""

from collections.abc import Iterator
from dataclasses import replace

from cpi.contract.values import PreflightRequest, deployment_text
from director.actions import kinds
from director.actions.create_disk import CreateDisk
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.create_vm import CreateVm
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_landing_resource import DeleteLandingResource
from director.actions.delete_vm import DeleteVm
from director.actions.resize_disk import ResizeDisk
from director.model.costs import Lifetime
from director.model.ids import EnvironmentName
from director.model.tasks.entries import Begun, Done, Run
from director.model.tasks.work import CidResult, CloudWork, Work
from director.ports.world import World

_ALL_RUNS = 1_000_000
_DELETING = (DeleteVm, DeleteDisk, DeleteLandingResource)
_COUNTED = (CreateVm, CreateDisk, CreateLandingResource, ResizeDisk, *_DELETING)
_ENDING = (*_DELETING, ResizeDisk)
_KINDS = frozenset(name for name, kind in kinds.BY_NAME.items() if issubclass(kind, _COUNTED))


def read_lifetimes(world: World, environment: EnvironmentName) -> tuple[Lifetime, ...]:
    """VMs, disks and parts of the landing zone since the environment was built, in the order of their creation.

    Of one that was removed, everything that was ever created under its name.
    """
    built = world.store.load_environment(environment)
    after = built.former_runs if built else 0
    alive: dict[tuple[str, str], Lifetime] = {}
    over: list[Lifetime] = []
    for listed in reversed(world.journal.list_runs(environment, limit=_ALL_RUNS)):
        if listed.number > after:
            over.extend(_follow(world, listed, alive))
    return tuple(sorted((*over, *alive.values()), key=lambda one: one.created_at))


def _follow(world: World, listed: Run, alive: dict[tuple[str, str], Lifetime]) -> Iterator[Lifetime]:
    """Change what is alive by one run; gives what ended in it. Its plan is read only where it counts."""
    entries = world.journal.read_entries(listed.id)
    done = [entry for entry in entries if isinstance(entry, Done) and entry.kind in _KINDS]
    run = world.journal.load_run(listed.environment, listed.number) if done else None
    begun = {entry.action: entry.at for entry in entries if isinstance(entry, Begun)}
    works = {action.id: action.work for action in run.plan.actions} if run else {}
    for entry in done:
        work, result = works.get(entry.action), entry.result
        if not isinstance(work, CloudWork) or not isinstance(result, CidResult) or not result.cid:
            continue
        key = (work.cloud, result.cid)
        ended = alive.pop(key, None) if isinstance(work, _ENDING) else None
        if ended is not None:
            yield replace(ended, deleted_at=entry.at)
        created = _created(work, ended, cid=result.cid)
        if created is not None and key not in alive:
            at = entry.at if isinstance(work, ResizeDisk) else begun.get(entry.action, entry.at)
            alive[key] = replace(created, deployment=deployment_text(listed.deployment), created_at=at)


def _created(work: Work, before: Lifetime | None, *, cid: str) -> Lifetime | None:
    """What a call created; of a disk that grew, the disk with its new size."""
    match work:
        case CreateVm():
            return Lifetime(kind="vm", cloud=work.cloud, cid=cid, request=PreflightRequest(vms=(work.request,)))
        case CreateDisk():
            return Lifetime(kind="disk", cloud=work.cloud, cid=cid, request=PreflightRequest(disks=(work.request,)))
        case CreateLandingResource():
            request = PreflightRequest(landing=(work.resource,))
            return Lifetime(kind=work.resource.kind, cloud=work.cloud, cid=cid, request=request)
        case ResizeDisk() if before is not None:
            grown = tuple(replace(disk, size_mib=work.size_mib) for disk in before.request.disks)
            return replace(before, request=replace(before.request, disks=grown))
    return None
