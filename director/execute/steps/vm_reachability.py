"""The state of a VM whose agent does not answer: waiting helps only if the VM and its jumpbox run.

Takes a cloud, the VM's owner and its CID, gives its reachability, also as a sentence.
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
    JUMPBOX_DOWN = "cut off"  # it runs, and the jumpbox does not
    EXISTS = "there"  # the cloud cannot find by owner key: all it says is that it has the VM
    UNKNOWN = "untold"  # the cloud does not answer either


def reachability_of(cloud: ConnectedCloud, cid: VmCid, *, environment: str, jumpbox: str) -> VmReachability:
    """Query once; UNKNOWN if the cloud fails to answer. `jumpbox` is its deployment, "" without one.

    Raises DeniedError: waiting does not fix insufficient credentials, and later calls need them.
    """
    try:
        if cloud.finder is None:
            return VmReachability.EXISTS if cloud.cloud.has_vm(cid) else VmReachability.GONE
        found = cloud.finder.find_vms(OwnerQuery(environment=environment))
        own = _state(vm for vm in found if vm.created.cid == cid)
        # A list may be older than a VM that was made a moment ago; the plugin knows which it made.
        if own is VmReachability.GONE and cloud.cloud.has_vm(cid):
            return VmReachability.EXISTS
    except DeniedError:
        raise
    except CloudError:
        return VmReachability.UNKNOWN
    if own is not VmReachability.RUNNING or not jumpbox:
        return own
    way = _state(vm for vm in found if vm.owner.deployment == jumpbox)
    return own if way is VmReachability.RUNNING else VmReachability.JUMPBOX_DOWN


def reopen_jumpbox_port(cloud: ConnectedCloud, jumpbox_address: str) -> None:
    """After: this machine reaches the jumpbox again, if that is up to this machine; nothing where it is elsewhere."""
    if cloud.landing is None:
        return
    with contextlib.suppress(CloudError):
        cloud.landing.endpoint_of(jumpbox_address, SSH_PORT)


def describe(reachability: VmReachability, cid: VmCid) -> str:
    """One sentence."""
    match reachability:
        case VmReachability.GONE:
            return f"VM '{cid}' no longer exists in the cloud."
        case VmReachability.EXISTS:
            return f"VM '{cid}' exists in the cloud."
        case VmReachability.UNKNOWN:
            return f"The cloud does not report the state of VM '{cid}'."
        case VmReachability.JUMPBOX_DOWN:
            return f"The cloud reports VM '{cid}' as running, but not the jumpbox."
        case VmReachability.STOPPED | VmReachability.RUNNING:
            return f"The cloud reports VM '{cid}' as {reachability.value}."


def is_lost(reachability: VmReachability) -> bool:
    """Whether no agent will ever answer there by itself."""
    return reachability in (VmReachability.GONE, VmReachability.STOPPED, VmReachability.JUMPBOX_DOWN)


def lost(name: str, reachability: VmReachability, cid: VmCid) -> UnreachableError:
    """The error for an agent that will not answer."""
    if reachability is VmReachability.JUMPBOX_DOWN:
        return UnreachableError(
            "jumpbox-not-running",
            f"{name} is unreachable: the jumpbox is not running.",
            why=describe(reachability, cid),
            fix="Run `compleat up` again, which recreates the jumpbox; then run this command again.",
        )
    return UnreachableError(
        "vm-not-running",
        f"{name} does not answer: its VM is not running.",
        why=describe(reachability, cid),
        fix="Run the command again: it recreates the VM and keeps its disks.",
    )


def _state(vms: Iterable[FoundVm]) -> VmReachability:
    states = {vm.state for vm in vms} - {VmState.INCOMPLETE}
    if not states:
        return VmReachability.GONE
    return VmReachability.RUNNING if states == {VmState.RUNNING} else VmReachability.STOPPED
