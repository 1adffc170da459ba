"""The memory cloud as one that accepts a call and carries it out for a while.

Takes a connected cloud and what lasts of its operations, gives the same cloud with LONG_RUNNING.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from cpi.contract.cloud import ConnectedCloud
from cpi.contract.long_running import Pending
from cpi.contract.values import (
    NO_TAGS,
    DiskCid,
    DiskRequest,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit.immediate_calls import ImmediateCalls
from tests.support.deaths import Deaths
from tests.support.simulation import Simulation

T = TypeVar("T")
_LOOKS = 3


@dataclass(slots=True)
class Operations:
    """By handle, how many looks each takes still; `looks` counts those that there were."""

    left: dict[str, int] = field(default_factory=dict)
    looks: int = 0
    after_s: float = 5.0


class SlowCalls(ImmediateCalls):
    """Implements LongRunning. The thing is there when its call is accepted, and given when its operation ended."""

    def __init__(self, connected: ConnectedCloud, operations: Operations, deaths: Deaths) -> None:
        assert connected.landing is not None
        assert connected.power is not None
        super().__init__(connected.cloud, connected.landing, connected.power)
        self.operations = operations
        self.deaths = deaths

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid | Pending:
        return self._slowly(f"create_stemcell {request.owner.action}", partial(super().create_stemcell, request))

    def delete_stemcell(self, cid: StemcellCid) -> Pending | None:
        return self._slowly(f"delete_stemcell {cid}", partial(super().delete_stemcell, cid))

    def create_vm(self, request: VmRequest) -> VmCreated | Pending:
        return self._slowly(f"create_vm {request.owner.action}", partial(super().create_vm, request))

    def delete_vm(self, cid: VmCid) -> Pending | None:
        return self._slowly(f"delete_vm {cid}", partial(super().delete_vm, cid))

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> Pending | None:
        return self._slowly(
            f"set_vm_metadata {cid} {sorted(tags.items())}", partial(super().set_vm_metadata, cid, tags)
        )

    def create_disk(self, request: DiskRequest) -> DiskCid | Pending:
        return self._slowly(f"create_disk {request.owner.action}", partial(super().create_disk, request))

    def delete_disk(self, cid: DiskCid) -> Pending | None:
        return self._slowly(f"delete_disk {cid}", partial(super().delete_disk, cid))

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> Pending | None:
        return self._slowly(f"set_disk_metadata {cid}", partial(super().set_disk_metadata, cid, tags))

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid | Pending:
        return self._slowly(f"snapshot {owner.action}", partial(super().snapshot_disk, cid, owner, tags))

    def look(self, handle: str) -> Pending | None:
        """One look nearer to its end."""
        self.deaths.passing(f"cloud: before look {handle}")
        self.operations.looks += 1
        self.operations.left[handle] -= 1
        self.deaths.passing(f"cloud: after look {handle}")
        return self._pending(handle) if self.operations.left[handle] > 0 else None

    def _slowly(self, handle: str, call: Callable[[], T]) -> T | Pending:
        made = call()
        if self.operations.left.setdefault(handle, _LOOKS) > 0:
            return self._pending(handle)
        return made

    def _pending(self, handle: str) -> Pending:
        return Pending(handle=handle, after_s=self.operations.after_s, text="making it", limit_s=600.0)


def slow(connected: ConnectedCloud, operations: Operations, deaths: Deaths) -> ConnectedCloud:
    """The same cloud, slow."""
    return replace(connected, long_running=SlowCalls(connected, operations, deaths))


@dataclass(slots=True, kw_only=True)
class SlowSimulation(Simulation):
    """`operations` are the cloud's: they outlive every process."""

    operations: Operations = field(default_factory=Operations)

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        """The slow cloud, for a process that dies where `deaths` says."""
        return slow(Simulation.connect(self, deaths), self.operations, deaths)
