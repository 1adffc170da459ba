"""What the cloud says of a VM whose agent does not answer: patience helps only where a VM runs, and the way to it.

Takes a cloud, whose VM it is and its CID, gives a standing in one word and in a sentence.
"""

import contextlib
from collections.abc import Iterable
from enum import Enum

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.errors import CloudError, DeniedError
from cpi.contract.values import FoundVm, OwnerQuery, VmCid, VmState
from director.errors import UnreachableError
from director.model.environments.environment import SSH_PORT


class VmReachability(Enum):
    RUNNING = "running"
    STOPPED = "stopped"
    GONE = "gone"
    CUT_OFF = "cut off"  # it runs, and the jumpbox does not
    THERE = "there"  # the cloud cannot find by owner key: all it says is that it has the VM
    UNTOLD = "untold"  # the cloud does not answer either


def standing_of(cloud: ConnectedCloud, cid: VmCid, *, environment: str, jumpbox: str) -> VmReachability:
    """Ask once. A cloud that fails to answer is no news: UNTOLD. `jumpbox` is its deployment, "" if none is there.

    Raises DeniedError: credentials that do not suffice will not while one waits, and what comes after needs them.
    """
    try:
        if cloud.finder is None:
            return VmReachability.THERE if cloud.cloud.has_vm(cid) else VmReachability.GONE
        found = cloud.finder.find_vms(OwnerQuery(environment=environment))
        own = _state(vm for vm in found if vm.created.cid == cid)
        # A list may be older than a VM that was made a moment ago; the plugin knows which it made.
        if own is VmReachability.GONE and cloud.cloud.has_vm(cid):
            return VmReachability.THERE
    except DeniedError:
        raise
    except CloudError:
        return VmReachability.UNTOLD
    if own is not VmReachability.RUNNING or not jumpbox:
        return own
    way = _state(vm for vm in found if vm.owner.deployment == jumpbox)
    return own if way is VmReachability.RUNNING else VmReachability.CUT_OFF


def reopen_way(cloud: ConnectedCloud, jumpbox_address: str) -> None:
    """After: this machine reaches the jumpbox again, if that is up to this machine; nothing where it is elsewhere."""
    if cloud.landing is None:
        return
    with contextlib.suppress(CloudError):
        cloud.landing.public_endpoint(jumpbox_address, SSH_PORT)


def describe_standing(standing: VmReachability, cid: VmCid) -> str:
    """One sentence."""
    match standing:
        case VmReachability.GONE:
            return f"VM '{cid}' no longer exists in the cloud."
        case VmReachability.THERE:
            return f"VM '{cid}' exists in the cloud."
        case VmReachability.UNTOLD:
            return f"The cloud does not report the state of VM '{cid}'."
        case VmReachability.CUT_OFF:
            return f"The cloud reports VM '{cid}' as running, but not the jumpbox."
        case VmReachability.STOPPED | VmReachability.RUNNING:
            return f"The cloud reports VM '{cid}' as {standing.value}."


def is_lost(standing: VmReachability) -> bool:
    """Whether no agent will ever answer there by itself."""
    return standing in (VmReachability.GONE, VmReachability.STOPPED, VmReachability.CUT_OFF)


def lost(name: str, standing: VmReachability, cid: VmCid) -> UnreachableError:
    """The error for an agent that will not answer."""
    if standing is VmReachability.CUT_OFF:
        return UnreachableError(
            "jumpbox-not-running",
            f"{name} is unreachable: the jumpbox is not running.",
            why=describe_standing(standing, cid),
            fix="Run `compleat up` again, which recreates the jumpbox; then run this command again.",
        )
    return UnreachableError(
        "vm-not-running",
        f"{name} does not answer: its VM is not running.",
        why=describe_standing(standing, cid),
        fix="Run the command again: it recreates the VM and keeps its disks.",
    )


def _state(vms: Iterable[FoundVm]) -> VmReachability:
    states = {vm.state for vm in vms} - {VmState.INCOMPLETE}
    if not states:
        return VmReachability.GONE
    return VmReachability.RUNNING if states == {VmState.RUNNING} else VmReachability.STOPPED
