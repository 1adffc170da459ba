"""What our own journal says a cloud has of ours: for clouds that cannot be asked by owner key.

Takes a world, gives an Inventory. A call is written down before it leaves, so only one that was never answered is
missing here; such a call stops every later run until a person has looked.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cpi.contract.values import DiskCid, FoundDisk, FoundStemcell, FoundVm, StemcellCid, VmCid, VmCreated, VmState
from director.actions.create_disk import CreateDisk
from director.actions.create_stemcell import CreateStemcell
from director.actions.create_vm import CreateVm
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_stemcell import DeleteStemcell
from director.actions.delete_vm import DeleteVm
from director.model.entries import Done, Run
from director.model.ids import EnvironmentName
from director.model.work import CidResult, CloudWork, Work
from director.plan.request import CloudInventory
from director.ports.world import World

_ALL_RUNS = 1_000_000


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
    """Every call that gave or took a CID, in the order of their ends."""
    for listed in reversed(world.journal.list_runs(environment, limit=_ALL_RUNS)):
        run = world.journal.load_run(environment, listed.number)
        if run is not None:
            yield from _done_in(world, run)


def _done_in(world: World, run: Run) -> Iterator[tuple[Work, str]]:
    works = {action.id: action.work for action in run.plan.actions}
    for entry in world.journal.read_entries(run.id):
        if isinstance(entry, Done) and entry.action in works:
            result = entry.result
            if isinstance(result, CidResult) and result.cid:
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
