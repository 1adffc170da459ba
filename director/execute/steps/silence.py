"""What the cloud says of a VM whose agent does not answer: patience helps only where a VM runs.

Takes a cloud, whose VM it is and its CID, gives a standing in one word and in a sentence.
"""

from enum import Enum

from cpi.cloud import ConnectedCloud
from cpi.errors import CloudError
from cpi.values import OwnerQuery, VmCid, VmState
from director.errors import UnreachableError


class Standing(Enum):
    RUNNING = "running"
    STOPPED = "stopped"
    GONE = "gone"
    THERE = "there"  # the cloud cannot find by owner key: all it says is that it has the VM
    UNTOLD = "untold"  # the cloud does not answer either


def standing_of(cloud: ConnectedCloud, query: OwnerQuery, cid: VmCid) -> Standing:
    """Ask once. A cloud that fails to answer is no news: UNTOLD."""
    try:
        if cloud.finder is None:
            return Standing.THERE if cloud.cloud.has_vm(cid) else Standing.GONE
        states = [found.state for found in cloud.finder.find_vms(query) if found.created.cid == cid]
    except CloudError:
        return Standing.UNTOLD
    if not states:
        return Standing.GONE
    return Standing.STOPPED if VmState.STOPPED in states else Standing.RUNNING


def describe_standing(standing: Standing, cid: VmCid) -> str:
    """One sentence."""
    match standing:
        case Standing.GONE:
            return f"The cloud has no VM '{cid}' any more."
        case Standing.THERE:
            return f"The cloud has VM '{cid}'."
        case Standing.UNTOLD:
            return f"The cloud does not say how VM '{cid}' is."
        case Standing.STOPPED | Standing.RUNNING:
            return f"The cloud says VM '{cid}' is {standing.value}."


def is_lost(standing: Standing) -> bool:
    """Whether no agent will ever answer there by itself."""
    return standing in (Standing.GONE, Standing.STOPPED)


def lost(name: str, standing: Standing, cid: VmCid) -> UnreachableError:
    """The error of an agent that nobody should wait for."""
    return UnreachableError(
        "vm-not-running",
        f"{name} does not answer, for its VM does not run.",
        why=describe_standing(standing, cid),
        fix="Run the command again: the VM is made anew, its disks are kept.",
    )
