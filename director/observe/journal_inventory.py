"""The environment's resources in a cloud according to the journal: for clouds that cannot find by owner key.

Takes a world, gives an Inventory. A call is written down before it leaves, so only one that was never answered is
missing here; such a call stops every later run until a person has looked.
"""

from collections.abc import Iterator
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, FoundDisk, FoundStemcell, FoundVm, StemcellCid, VmCid, VmCreated, VmState
from director.actions import kinds
from director.actions.create_disk import CreateDisk
from director.actions.create_stemcell import CreateStemcell
from director.actions.create_vm import CreateVm
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_stemcell import DeleteStemcell
from director.actions.delete_vm import DeleteVm
from director.model.environments.observed import CloudInventory
from director.model.ids import EnvironmentName
from director.model.tasks.entries import Done, Run
from director.model.tasks.work import CidResult, CloudWork, Work
from director.ports.world import World

_ALL_RUNS = 1_000_000
_MAKING = (CreateVm, CreateDisk, CreateStemcell, DeleteVm, DeleteDisk, DeleteStemcell)
_KINDS = frozenset(name for name, kind in kinds.BY_NAME.items() if issubclass(kind, _MAKING))


@dataclass(slots=True)
class _Kept:
    """By CID, in the order they were made."""

    vms: dict[str, CreateVm] = field(default_factory=dict)
    disks: dict[str, CreateDisk] = field(default_factory=dict)
    stemcells: dict[str, CreateStemcell] = field(default_factory=dict)

    def note(self, work: Work, cid: str) -> None:
        """A call that was done."""
        match work:
            case CreateVm():
                self.vms[cid] = work
            case CreateDisk():
                self.disks[cid] = work
            case CreateStemcell():
                self.stemcells[cid] = work
            case DeleteVm():
                self.vms.pop(cid, None)
            case DeleteDisk():
                self.disks.pop(cid, None)
            case DeleteStemcell():
                self.stemcells.pop(cid, None)


def recorded_inventory(world: World, environment: EnvironmentName, name: str) -> CloudInventory:
    """What was made on the cloud `name` and not deleted since, and what the cloud says is there of it."""
    kept, cloud = _Kept(), world.clouds[name].cloud
    for work, cid in _done(world, environment):
        if isinstance(work, CloudWork) and work.cloud == name:
            kept.note(work, cid)
    return CloudInventory(
        cloud=name,
        vms=tuple(_vm(cid, work) for cid, work in kept.vms.items() if cloud.has_vm(VmCid(cid))),
        disks=tuple(_disk(cid, work) for cid, work in kept.disks.items() if cloud.has_disk(DiskCid(cid))),
        stemcells=_stemcells(kept),
    )


def recorded_stemcells(world: World, environment: EnvironmentName, name: str) -> tuple[FoundStemcell, ...]:
    """The stemcells alone; a CPI cannot be asked whether it has one."""
    kept = _Kept()
    for work, cid in _done(world, environment):
        if isinstance(work, CreateStemcell | DeleteStemcell) and work.cloud == name:
            kept.note(work, cid)
    return _stemcells(kept)


def _done(world: World, environment: EnvironmentName) -> Iterator[tuple[Work, str]]:
    """Every call that gave or took a CID since the environment was built, in the order of their ends."""
    built = world.store.load_environment(environment)
    after = built.former_runs if built else 0
    for listed in reversed(world.journal.list_runs(environment, limit=_ALL_RUNS)):
        if listed.number > after:
            yield from _done_in(world, environment, listed)


def _done_in(world: World, environment: EnvironmentName, listed: Run) -> Iterator[tuple[Work, str]]:
    """Of one run; its plan is read only where one of these kinds was done."""
    done = [each for each in world.journal.read_entries(listed.id) if isinstance(each, Done) and each.kind in _KINDS]
    run = world.journal.load_run(environment, listed.number) if done else None
    works = {action.id: action.work for action in run.plan.actions} if run else {}
    for entry in done:
        result = entry.result
        if entry.action in works and isinstance(result, CidResult) and result.cid:
            yield works[entry.action], result.cid


def _vm(cid: str, work: CreateVm) -> FoundVm:
    created = VmCreated(cid=VmCid(cid), networks=work.request.networks)
    return FoundVm(created=created, owner=work.request.owner, state=VmState.RUNNING, tags=work.request.tags)


def _disk(cid: str, work: CreateDisk) -> FoundDisk:
    return FoundDisk(cid=DiskCid(cid), owner=work.request.owner, size_mib=work.request.size_mib)


def _stemcells(kept: _Kept) -> tuple[FoundStemcell, ...]:
    return tuple(_stemcell(cid, work) for cid, work in kept.stemcells.items())


def _stemcell(cid: str, work: CreateStemcell) -> FoundStemcell:
    request = work.request
    return FoundStemcell(
        cid=StemcellCid(cid),
        owner=request.owner,
        os=request.os,
        version=request.version,
        architecture=str(request.cloud_properties.get("architecture", "")),
    )
