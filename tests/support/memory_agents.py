"""An Agent for the VMs of a memory cloud: they boot, answer, die and fail on demand."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.storage import URL
from cpi.contract.errors import Retry
from cpi.contract.values import JsonValue, VmCid, VmState
from director.errors import ActionFailedError, AgentError, UnreachableError
from director.model.agent_state import AgentInfo, SshTarget, StoredBlob
from director.model.ids import Digest
from tests.support.deaths import Deaths
from tests.support.machines import CHANGING, DiskContents, Machine
from tests.support.memory_blobs import MemoryBlobs
from tests.support.virtual_time import VirtualTime

_SECONDS = {"compile_package": (25.0, 90.0), "start": (0.5, 2.0), "stop": (1.0, 10.0), "drain": (1.0, 20.0)}


@dataclass(slots=True, kw_only=True)
class AgentConditions:
    """How agents behave. `failing` are (verb, name of the instance) that fail; `lost_share` of answers never come."""

    random: random.Random
    boot_s: tuple[float, float] = (20.0, 60.0)
    lost_share: float = 0.0
    failing: set[tuple[str, str]] = field(default_factory=set)
    vanishing: set[tuple[str, str]] = field(default_factory=set)
    """(verb, name of the instance) after which the cloud loses the VM, once."""
    broken: dict[str, tuple[Mapping[str, JsonValue], ...]] = field(default_factory=dict)
    """Processes that fail, by the name of the instance."""
    is_timed: bool = True
    compile_s: Mapping[str, float] = field(default_factory=dict)
    """How long a package compiles, by name; others take any time from 25 to 90 s."""


@dataclass(slots=True)
class AgentsDisk:
    """Everything on VMs; outlives the director's process."""

    machines: dict[VmCid, Machine] = field(default_factory=dict)
    ready_at: dict[VmCid, float] = field(default_factory=dict)
    contents: DiskContents = field(default_factory=DiskContents)


class MemoryAgents:
    """Implements Agent."""

    def __init__(self, cloud: MemoryCloud, blobs: MemoryBlobs, time: VirtualTime, conditions: AgentConditions) -> None:
        self.disk = AgentsDisk()
        self.conditions = conditions
        self.deaths = Deaths()
        self.forgotten: list[str] = []
        self.blobs = blobs
        self._cloud = cloud
        self._time = time

    def connect(self, target: SshTarget) -> AgentInfo:
        machine = self._reach(target)
        return AgentInfo(guest_version="1", python="3.11", host_key=f"ssh-ed25519 {machine.cid}")

    def call(
        self,
        target: SshTarget,
        verb: str,
        arguments: Mapping[str, JsonValue],
        *,
        watch: Callable[[str], None],
    ) -> JsonValue:
        machine = self._reach(target)
        machine.broken = self.conditions.broken.get(target.name, ())
        if verb not in CHANGING:
            return machine.do(verb, arguments)
        self.deaths.passing(f"agent: before {verb}")
        self._spend(*self._seconds(verb, arguments))
        watch(f"{verb} on {target.name}")
        if (verb, target.name) in self.conditions.failing:
            raise ActionFailedError("script-failed", f"{verb} of {target.name} failed.", output="last line")
        answer = machine.do(verb, arguments)
        self.deaths.passing(f"agent: after {verb}")
        if (verb, target.name) in self.conditions.vanishing:
            self.conditions.vanishing.discard((verb, target.name))
            self._cloud.vanish_vm(machine.cid)
        if self.conditions.random.random() < self.conditions.lost_share:
            error = AgentError("agent-channel-died", f"No answer came to {verb}.")
            error.retry = Retry.UNKNOWN
            raise error
        return answer

    def put_blob(self, target: SshTarget, digest: Digest) -> None:
        self._reach(target).blobs[digest] = self.blobs.open_blob(digest).read()

    def fetch_blobs(self, target: SshTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        machine = self._reach(target)
        self.deaths.passing("agent: before fetch_blobs")
        stored = {blob.digest: self._cloud.shelves.blobs.get(blob.url.url.removeprefix(URL)) for blob in blobs}
        machine.blobs |= {digest: content for digest, content in stored.items() if content is not None}
        self.deaths.passing("agent: after fetch_blobs")
        return {digest: "HTTP 404 Not Found" for digest, content in stored.items() if content is None}

    def get_blob(self, target: SshTarget, digest: Digest) -> None:
        self.blobs.disk.blobs[digest] = self._reach(target).blobs[digest]

    def forget(self, target: SshTarget) -> None:
        self.forgotten.append(target.name)

    def machine_at(self, cid: VmCid) -> Machine:
        """The VM's insides, for looks from outside."""
        return self.disk.machines[cid]

    def _seconds(self, verb: str, arguments: Mapping[str, JsonValue]) -> tuple[float, float]:
        if verb == "compile_package" and (known_s := self.conditions.compile_s.get(str(arguments["name"]))):
            return known_s, known_s
        return _SECONDS.get(verb, (0.1, 0.5))

    def _reach(self, target: SshTarget) -> Machine:
        self._spend(0.002, 0.02)
        cid = self._cid_at(target.host)
        if cid is None:
            raise UnreachableError("vm-port-closed", f"Nobody answers at {target.host}.")
        held = self._cloud.shelves.vm(cid)
        low, high = self.conditions.boot_s
        ready_at = self.disk.ready_at.setdefault(cid, self._time.now() + self.conditions.random.uniform(low, high))
        if held.found.state is VmState.STOPPED or self._time.now() < ready_at:
            raise UnreachableError("vm-not-booted", f"{target.name} has not booted.")
        if target.host_key not in ("", f"ssh-ed25519 {cid}"):
            raise UnreachableError("vm-host-key-changed", f"{target.name} shows another host key.")
        if cid not in self.disk.machines:
            self.disk.machines[cid] = Machine(cid=cid, cloud=self._cloud, contents=self.disk.contents)
        return self.disk.machines[cid]

    def _cid_at(self, address: str) -> VmCid | None:
        for cid, held in self._cloud.shelves.vms.items():
            if any(network.ip == address for network in held.found.created.networks):
                return cid
        return None

    def _spend(self, low: float, high: float) -> None:
        if self.conditions.is_timed:
            self._time.spend(self.conditions.random.uniform(low, high))
