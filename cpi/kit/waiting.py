"""Long-running calls as plain ones that wait, for protocols without a pending answer: BOSH's CPI.

Takes long-running calls, the rest of a cloud and a clock, gives a Cloud, a Landing and a Power whose calls return when
the work is done.
"""

from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from cpi.contract.cloud import Cloud, Landing
from cpi.contract.errors import CloudError, Retry
from cpi.contract.landing_parts import JoinedParts
from cpi.contract.long_running import LongRunning, Pending, unfinished
from cpi.contract.part_findings import PartFinding
from cpi.contract.value_classes import dataclass
from cpi.contract.values import (
    NO_TAGS,
    CloudInfo,
    DiskCid,
    DiskRequest,
    Endpoint,
    FoundLandingResource,
    JsonValue,
    LandingCid,
    LandingResource,
    LandingSpec,
    ManagedNetwork,
    OwnerKey,
    SnapshotCid,
    StemcellCid,
    StemcellRequest,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit.operation_clock import OperationClock

T = TypeVar("T")
S = TypeVar("S")
R = TypeVar("R")
_LONGEST_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked(Generic[S, R]):
    """What a look gave: the state to look at again after `after_s`, or with none the result."""

    state: S | None = None
    result: R | None = None
    after_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How an operation is looked at, and the clock by which it is waited for."""

    look: Callable[[str], Pending | None]
    clock: OperationClock

    def wait_for(self, call: Callable[[], T | Pending]) -> T:
        """What the call gives in the end. Raises what it raises, and LostReplyError, code operation-unfinished."""
        while True:
            made = call()
            if not isinstance(made, Pending):
                return made
            self._watch(made)

    def wait_once(self, call: Callable[[], Pending | None]) -> None:
        """The same of a call that ends with its operation."""
        made = call()
        if made is not None:
            self._watch(made)

    def _watch(self, pending: Pending) -> None:
        end_s, left = self.clock.now_s() + pending.limit_s, pending
        while True:
            rest_s = end_s - self.clock.now_s()
            if rest_s <= 0:
                raise unfinished(left)
            self.clock.sleep(min(left.after_s, _LONGEST_S, rest_s))
            try:
                found = self.look(left.handle)
            except CloudError as error:
                if error.retry is Retry.NEVER:
                    raise
                continue
            if found is None:
                return
            left = found


def follow(begun: Looked[S, R], look: Callable[[S], Looked[S, R]], *, clock: OperationClock, limit: Pending) -> R:
    """The result of what was begun, looked at again after each pause; a look that fails for now is repeated.

    Raises LostReplyError, code operation-unfinished, after `limit`.
    """
    end_s, found = clock.now_s() + limit.limit_s, begun
    while found.state is not None:
        rest_s = end_s - clock.now_s()
        if rest_s <= 0:
            raise unfinished(limit)
        clock.sleep(min(found.after_s, _LONGEST_S, rest_s))
        try:
            found = look(found.state)
        except CloudError as error:
            if error.retry is Retry.NEVER:
                raise
    assert found.result is not None
    return found.result


class WaitingCloud:
    """Implements Cloud of cpi.contract.cloud."""

    def __init__(self, calls: LongRunning, rest: Cloud, patience: Patience) -> None:
        self._calls = calls
        self._rest = rest
        self._wait_for = patience.wait_for
        self._wait_once = patience.wait_once

    def info(self) -> CloudInfo:
        return self._rest.info()

    def create_stemcell(self, request: StemcellRequest) -> StemcellCid:
        return self._wait_for(lambda: self._calls.create_stemcell(request))

    def delete_stemcell(self, cid: StemcellCid) -> None:
        self._wait_for(lambda: self._calls.delete_stemcell(cid))

    def create_vm(self, request: VmRequest) -> VmCreated:
        return self._wait_for(lambda: self._calls.create_vm(request))

    def delete_vm(self, cid: VmCid) -> None:
        self._wait_for(lambda: self._calls.delete_vm(cid))

    def has_vm(self, cid: VmCid) -> bool:
        return self._rest.has_vm(cid)

    def reboot_vm(self, cid: VmCid) -> None:
        self._wait_once(lambda: self._calls.reboot_vm(cid))

    def set_vm_metadata(self, cid: VmCid, tags: Mapping[str, str]) -> None:
        self._wait_for(lambda: self._calls.set_vm_metadata(cid, tags))

    def create_disk(self, request: DiskRequest) -> DiskCid:
        return self._wait_for(lambda: self._calls.create_disk(request))

    def delete_disk(self, cid: DiskCid) -> None:
        self._wait_for(lambda: self._calls.delete_disk(cid))

    def has_disk(self, cid: DiskCid) -> bool:
        return self._rest.has_disk(cid)

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        return self._wait_for(lambda: self._calls.attach_disk(vm_cid, disk_cid))

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        self._wait_for(lambda: self._calls.detach_disk(vm_cid, disk_cid))

    def resize_disk(self, cid: DiskCid, size_mib: int) -> None:
        self._wait_for(lambda: self._calls.resize_disk(cid, size_mib))

    def set_disk_metadata(self, cid: DiskCid, tags: Mapping[str, str]) -> None:
        self._wait_for(lambda: self._calls.set_disk_metadata(cid, tags))

    def snapshot_disk(self, cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str] = NO_TAGS) -> SnapshotCid:
        return self._wait_for(lambda: self._calls.snapshot_disk(cid, owner, tags))

    def delete_snapshot(self, cid: SnapshotCid) -> None:
        self._wait_for(lambda: self._calls.delete_snapshot(cid))

    def get_disks(self, vm_cid: VmCid) -> tuple[DiskCid, ...]:
        return self._rest.get_disks(vm_cid)

    def calculate_vm_cloud_properties(self, cpu: int, ram_mib: int, ephemeral_disk_mib: int) -> Mapping[str, JsonValue]:
        return self._rest.calculate_vm_cloud_properties(cpu, ram_mib, ephemeral_disk_mib)


class WaitingPower:
    """Implements Power of cpi.contract.cloud."""

    def __init__(self, calls: LongRunning, patience: Patience) -> None:
        self._calls = calls
        self._wait_once = patience.wait_once

    def stop_vm(self, cid: VmCid) -> None:
        self._wait_once(lambda: self._calls.stop_vm(cid))

    def start_vm(self, cid: VmCid) -> None:
        self._wait_once(lambda: self._calls.start_vm(cid))


class WaitingLanding:
    """Implements Landing of cpi.contract.cloud."""

    def __init__(self, calls: LongRunning, rest: Landing, patience: Patience) -> None:
        self._calls = calls
        self._rest = rest
        self._wait_for = patience.wait_for

    def landing_resources(self, spec: LandingSpec) -> tuple[LandingResource, ...]:
        return self._rest.landing_resources(spec)

    def managed_network(self, network: ManagedNetwork) -> tuple[LandingResource, ...]:
        return self._rest.managed_network(network)

    def part_findings(self, spec: LandingSpec) -> tuple[PartFinding, ...]:
        return self._rest.part_findings(spec)

    def joined_properties(self, spec: LandingSpec, joined: JoinedParts) -> Mapping[str, JsonValue]:
        return self._rest.joined_properties(spec, joined)

    def create_landing_resource(self, resource: LandingResource, owner: OwnerKey) -> FoundLandingResource:
        return self._wait_for(lambda: self._calls.create_landing_resource(resource, owner))

    def find_landing_resources(self, environment: str) -> tuple[FoundLandingResource, ...]:
        return self._rest.find_landing_resources(environment)

    def delete_landing_resource(self, cid: LandingCid) -> None:
        self._wait_for(lambda: self._calls.delete_landing_resource(cid))

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        return self._rest.endpoint_of(address, port)
