"""What runs began to delete: once asked for, it may be gone without a word of it in the saved states.

Takes a world and an environment, gives the deletions requested by every `down` and by runs that have not ended.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field

from cpi.contract.value_classes import dataclass
from cpi.contract.values import ENVIRONMENT_ITSELF
from director.actions.create_landing_resource import CreateLandingResource
from director.actions.delete_disk import DeleteDisk
from director.actions.delete_landing_resource import DeleteLandingResource
from director.actions.delete_vm import DeleteVm
from director.model.ids import EnvironmentName, OwnerName
from director.model.tasks.entries import Done, Entry, Run
from director.model.tasks.work import CidResult, Work
from director.ports.world import World

_ALL_RUNS = 1_000_000


@dataclass(slots=True)
class Deletions:
    """`resources` are kinds and CIDs; VMs of instances and compile VMs are named as their actions name them."""

    resources: set[tuple[str, str]] = field(default_factory=set)
    instances: set[str] = field(default_factory=set)
    compilers: set[str] = field(default_factory=set)

    def note(self, work: Work) -> None:
        """A call that began."""
        match work:
            case DeleteVm(cid=str(cid)):
                self.resources.add(("vm", cid))
            case DeleteVm(instance=str(instance)):
                self.instances.add(instance)
            case DeleteVm(compiler=str(compiler)):
                self.compilers.add(compiler)
            case DeleteDisk():
                self.resources.add(("disk", work.cid))
            case DeleteLandingResource():
                self.resources.add(("landing resource", work.cid))


def begun_deletions(world: World, environment: EnvironmentName, deployments: Iterable[OwnerName]) -> Deletions:
    """Of the environment's own runs all, of its deployments' the one that a crash left open."""
    found = Deletions()
    for run in _runs(world, environment, deployments):
        works = {action.id: action.work for action in run.plan.actions}
        for entry in world.journal.read_entries(run.id):
            work = works.get(entry.action)
            if isinstance(work, CreateLandingResource):  # created again, perhaps under the same CID
                found.resources.discard(("landing resource", _cid(entry)))
            elif work is not None:
                found.note(work)
    return found


def _runs(world: World, environment: EnvironmentName, deployments: Iterable[OwnerName]) -> Iterator[Run]:
    """Oldest first."""
    for listed in reversed(world.journal.list_runs(environment, deployment=ENVIRONMENT_ITSELF, limit=_ALL_RUNS)):
        run = world.journal.load_run(environment, listed.number)
        if run is not None:
            yield run
    for deployment in deployments:
        run = world.journal.unfinished_run(environment, deployment) if deployment is not ENVIRONMENT_ITSELF else None
        if run is not None:
            yield run


def _cid(entry: Entry) -> str:
    """The CID that a call gave, "" while it has not."""
    return entry.result.cid if isinstance(entry, Done) and isinstance(entry.result, CidResult) else ""
