"""Which of what a cloud lists of an environment some state knows, and which none does.

Takes a Session at the place of the environment, gives what is left over of an inventory.
"""

from collections.abc import Callable, Iterator

from cpi.contract.values import OwnerKey, deployment_text
from director.app.landing import recorded_resources
from director.app.landing.recorded_resources import Key
from director.app.sessions.session import Session
from director.model.environments import managed_networks
from director.model.environments.environment import Environment
from director.model.environments.observed import CloudInventory
from director.model.ids import RunId
from director.model.leftovers import Leftover

IsKnown = Callable[[Key, OwnerKey], bool]


def nothing_known(key: Key, owner: OwnerKey) -> bool:
    """Of an environment that is not at this place, or was removed."""
    del key, owner
    return False


def known_to(session: Session, environment: Environment) -> IsKnown:
    """By the saved states, the journal's orphaned disks, and runs: those that have not ended settle what they began.

    Snapshots, stemcells and networks of deployments are in no state: they are known to the run that created them.
    """
    recorded = recorded_resources.list_recorded(session, environment).keys()
    listed = {one.cid for one in environment.stemcells} | {one.cid for one in environment.landing}
    uploads = {one.action for one in environment.uploaded}
    open_runs = {run.id for run in session.world.journal.open_runs(environment.name)}

    def is_known(key: Key, owner: OwnerKey) -> bool:
        run = RunId(owner.action.partition("/")[0])
        if key in recorded or run in open_runs or key.cid in listed or owner.action in uploads:
            return True
        return key.kind not in {"vm", "disk", "landing resource"} and _is_of_environment(session, environment, run)

    return is_known


def left_over(inventory: CloudInventory, is_known: IsKnown) -> tuple[Leftover, ...]:
    """What of the inventory is not known, in its order."""
    return tuple(one for key, owner, one in _listed(inventory) if not is_known(key, owner))


def count(inventory: CloudInventory) -> int:
    """How many resources it has."""
    return sum(1 for _ in _listed(inventory))


def _listed(inventory: CloudInventory) -> Iterator[tuple[Key, OwnerKey, Leftover]]:
    cloud = inventory.cloud
    for vm in inventory.vms:
        cid = vm.created.cid
        yield Key(kind="vm", cloud=cloud, cid=cid), vm.owner, _leftover("vm", cid, vm.owner)
    for disk in inventory.disks:
        yield Key(kind="disk", cloud=cloud, cid=disk.cid), disk.owner, _leftover("disk", disk.cid, disk.owner)
    for snapshot in inventory.snapshots:
        key = Key(kind="snapshot", cloud=cloud, cid=snapshot.cid)
        yield key, snapshot.owner, _leftover("snapshot", snapshot.cid, snapshot.owner)
    for stemcell in inventory.stemcells:
        key = Key(kind="stemcell", cloud=cloud, cid=stemcell.cid)
        yield key, stemcell.owner, _leftover("stemcell", stemcell.cid, stemcell.owner)
    for part in inventory.landing:
        kind = "managed network" if managed_networks.is_managed(part) else "landing resource"
        key = Key(kind=kind, cloud=None, cid=part.cid)
        yield key, part.owner, _leftover(part.kind, part.cid, part.owner, name=part.name)


def _leftover(kind: str, cid: str, owner: OwnerKey, *, name: str = "") -> Leftover:
    return Leftover(kind=kind, cid=cid, name=name, deployment=deployment_text(owner.deployment))


def _is_of_environment(session: Session, environment: Environment, run: RunId) -> bool:
    """Whether the run is one of the environment since it was built."""
    found = session.world.journal.find_run(run)
    return found is not None and found.environment == environment.name and found.number > environment.former_runs
