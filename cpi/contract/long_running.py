"""LONG_RUNNING: the methods that a cloud accepts at once and carries out for minutes.

Takes and gives values of cpi.contract.values, or Pending. A method that gives Pending is called again once the
operation behind the handle ended: it finds its resources by their owner key, and continues. The three that change a
VM's power are one operation each: they end with it, and are not called again.
"""

from collections.abc import Mapping
from typing import Protocol

from cpi.contract.errors import LostReplyError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    NO_TAGS,
    DiskCid,
    DiskRequest,
    FoundLandingResource,
    LandingCid,
    LandingResource,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The cloud accepted a call and is carrying it out.

    `handle` is text for `look`: it holds no secret, and any later process can look with it. `after_s` is when a look is
    worth while, `text` what is waited for, `limit_s` how long a call may take in all.
    """

    handle: str
    after_s: float
    text: str
    limit_s: float


def unfinished(pending: Pending) -> LostReplyError:
    """The error for an operation that took longer than it may."""
    return LostReplyError(
        "operation-unfinished",
        f"The cloud accepted a call and did not finish it: {pending.text}.",
        why=f"It was under way for more than {pending.limit_s:.0f} s.",
        fix="Run the command again: it first looks for what came of it.",
    )


class LongRunning(Protocol):
    """The slow methods of Cloud, Landing and Power, with the same promises; nothing in them sleeps."""

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending: ...

    def delete_stemcell(self, cid: StemcellCid) -> Pending | None: ...

    def create_vm(self, request: VmRequest) -> VmCreated | Pending: ...

    def delete_vm(self, cid: VmCid) -> Pending | None: ...

    def reboot_vm(self, cid: VmCid) -> Pending | None: ...

    def stop_vm(self, cid: VmCid) -> Pending | None: ...

    def start_vm(self, cid: VmCid) -> Pending | None: ...

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> Pending | None: ...

    def create_disk(self, request: DiskRequest) -> DiskCid | Pending: ...

    def delete_disk(self, cid: DiskCid) -> Pending | None: ...

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str | Pending: ...

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> Pending | None: ...

    def resize_disk(self, cid: DiskCid, size_mib: int) -> Pending | None: ...

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> Pending | None: ...

    def snapshot_disk(
        self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS
    ) -> SnapshotCid | Pending: ...

    def delete_snapshot(self, cid: SnapshotCid) -> Pending | None: ...

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource | Pending: ...

    def delete_landing_resource(self, cid: LandingCid) -> Pending | None: ...

    def look(self, handle: str) -> Pending | None:
        """Look at an operation once. Pending: it is still running; None: it succeeded, or is no longer known.

        Raises what it failed with, once nothing is left of what a failed create began. An error whose retry is not
        NEVER says nothing of the operation: the look failed.
        """
