"""The memory cloud as one that accepts a call and carries it out for a while.

Takes a connected cloud and what lasts of its operations, gives the same cloud with LONG_RUNNING.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cpi.contract.cloud import Cloud, ConnectedCloud, Landing
from cpi.contract.long_running import Pending
from cpi.contract.values import (
    NO_TAGS,
    DiskCid,
    DiskRequest,
    FoundLandingResource,
    LandingCid,
    LandingResource,
    OwnerKey,
    SnapshotCid,
    VmCid,
    VmCreated,
    VmRequest,
)
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


@dataclass(frozen=True, slots=True)
class SlowCalls:
    """Implements LongRunning. The thing is there when its call is accepted, and given when its operation ended."""

    cloud: Cloud
    landing: Landing
    operations: Operations
    deaths: Deaths

    def create_vm(self, request: VmRequest) -> VmCreated | Pending:
        return self._slowly(f"create_vm {request.owner.action}", lambda: self.cloud.create_vm(request))

    def delete_vm(self, cid: VmCid) -> Pending | None:
        return self._slowly(f"delete_vm {cid}", lambda: self.cloud.delete_vm(cid))

    def create_disk(self, request: DiskRequest) -> DiskCid | Pending:
        return self._slowly(f"create_disk {request.owner.action}", lambda: self.cloud.create_disk(request))

    def delete_disk(self, cid: DiskCid) -> Pending | None:
        return self._slowly(f"delete_disk {cid}", lambda: self.cloud.delete_disk(cid))

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str | Pending:
        return self.cloud.attach_disk(vm_cid, disk_cid)

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> Pending | None:
        self.cloud.detach_disk(vm_cid, disk_cid)
        return None

    def resize_disk(self, cid: DiskCid, size_mib: int) -> Pending | None:
        self.cloud.resize_disk(cid, size_mib)
        return None

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid | Pending:
        return self._slowly(f"snapshot {owner.action}", lambda: self.cloud.snapshot_disk(cid, owner, tags))

    def delete_snapshot(self, cid: SnapshotCid) -> Pending | None:
        self.cloud.delete_snapshot(cid)
        return None

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource | Pending:
        return self.landing.create_landing_resource(resource, owner)

    def delete_landing_resource(self, cid: LandingCid) -> Pending | None:
        self.landing.delete_landing_resource(cid)
        return None

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
    assert connected.landing is not None
    return replace(connected, long_running=SlowCalls(connected.cloud, connected.landing, operations, deaths))


@dataclass(slots=True, kw_only=True)
class SlowSimulation(Simulation):
    """`operations` are the cloud's: they outlive every process."""

    operations: Operations = field(default_factory=Operations)

    def connect(self, deaths: Deaths) -> ConnectedCloud:
        """The slow cloud, for a process that dies where `deaths` says."""
        return slow(Simulation.connect(self, deaths), self.operations, deaths)
