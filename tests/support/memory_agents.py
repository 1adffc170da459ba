"""An Agent for the VMs of a memory cloud: they boot, answer, die and fail on demand."""

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.storage import URL
from cpi.contract.errors import Retry
from cpi.contract.values import DiskCid, VmCid, VmState
from director.errors import ActionFailedError, AgentError, UnreachableError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import AgentIdentity, BlobOnVm, ErrandEnd, ErrandOutput, StoredBlob
from director.model.agents.agent_requests import (
    ApplyRequest,
    CompileRequest,
    DiskAssociation,
    DnsRequest,
    FileRequest,
    NextSpec,
    PackageBlob,
)
from director.model.agents.agent_state import AgentState, JobState, Process, Vitals
from director.model.agents.log_selection import LogSelection
from director.model.ids import Digest
from director.ports.agent import Watch
from tests.support.deaths import Deaths
from tests.support.machines import DiskContents, Machine
from tests.support.memory_blobs import MemoryBlobs
from tests.support.virtual_time import VirtualTime

_SECONDS = {"compile_package": (25.0, 90.0), "start": (0.5, 2.0), "stop": (1.0, 10.0), "drain": (1.0, 20.0)}

Answer = TypeVar("Answer")


@dataclass(slots=True, kw_only=True)
class AgentConditions:
    """How agents behave. `failing` are (verb, name of the instance) that fail; `lost_share` of answers never come."""

    random: random.Random
    boot_s: tuple[float, float] = (20.0, 60.0)
    lost_share: float = 0.0
    failing: set[tuple[str, str]] = field(default_factory=set)
    vanishing: set[tuple[str, str]] = field(default_factory=set)
    """(verb, name of the instance) after which the cloud loses the VM, once."""
    broken: dict[str, tuple[Process, ...]] = field(default_factory=dict)
    """Processes that fail, by the name of the instance."""
    is_timed: bool = True
    compile_s: Mapping[str, float] = field(default_factory=dict)
    """How long a package compiles, by name; others take any time from 25 to 90 s."""
    errand_code: int = 0
    """What errands end with."""


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

    def connect(self, target: AgentTarget) -> AgentIdentity:
        machine = self._reach(target)
        return AgentIdentity(guest_version="1", python="3.11", identity=f"ssh-ed25519 {machine.cid}")

    def get_state(self, target: AgentTarget, *, is_full: bool = False) -> AgentState:
        machine = self._looked_at(target, "get_state")
        state = machine.state()
        return replace(state, vitals=Vitals(load=(0.1, 0.2, 0.3))) if is_full else state

    def query_health(self, target: AgentTarget, addresses: Sequence[str]) -> Mapping[str, JobState]:
        """VMs without records do not answer; those whose jobs do not run are failing."""
        self._looked_at(target, "query_health")
        machines = {address: self._machine_with(address) for address in addresses}
        return {
            address: JobState.RUNNING if machine.job_state is JobState.RUNNING else JobState.FAILING
            for address, machine in machines.items()
            if machine is not None and machine.dns is not None
        }

    def last_words(self, target: AgentTarget) -> str:
        self._looked_at(target, "last_words")
        return "web: web.stderr.log\n  config key missing"

    def prepare(self, target: AgentTarget, packages: Sequence[PackageBlob], *, watch: Watch) -> None:
        self._done(target, "prepare", lambda machine: machine.need_packages(packages), watch=watch)

    def apply(self, target: AgentTarget, request: ApplyRequest, *, watch: Watch) -> None:
        self._done(target, "apply", lambda machine: machine.apply(request), watch=watch)

    def start(self, target: AgentTarget) -> None:
        self._done(target, "start", Machine.start)

    def stop(self, target: AgentTarget, *, timeout_s: float) -> None:
        self._done(target, "stop", Machine.stop)

    def drain(self, target: AgentTarget, following: NextSpec | None, *, watch: Watch) -> None:
        self._done(target, "drain", lambda machine: None, watch=watch)

    def run_script(self, target: AgentTarget, name: str, env: Mapping[str, str], *, watch: Watch) -> None:
        self._done(target, "run_script", lambda machine: None, watch=watch)

    def run_errand(self, target: AgentTarget, job: str, *, watch: Watch) -> ErrandEnd:
        ended = ErrandEnd(
            exit_code=self.conditions.errand_code, stdout=ErrandOutput(end="fine"), stderr=ErrandOutput(end="")
        )
        return self._done(target, "run_errand", lambda machine: ended, watch=watch)

    def compile_package(self, target: AgentTarget, request: CompileRequest, *, watch: Watch) -> BlobOnVm:
        known_s = self.conditions.compile_s.get(request.name)
        seconds = (known_s, known_s) if known_s else None
        return self._done(
            target, "compile_package", lambda machine: machine.compile_package(request), watch=watch, seconds=seconds
        )

    def mount_disk(self, target: AgentTarget, cid: DiskCid, *, hint: str) -> None:
        self._done(target, "mount_disk", lambda machine: machine.mount_disk(cid, hint))

    def unmount_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        self._done(target, "unmount_disk", lambda machine: machine.unmount_disk(cid))

    def migrate_disk(self, target: AgentTarget, *, old: DiskCid, new: DiskCid) -> None:
        self._done(target, "migrate_disk", lambda machine: machine.migrate_disk(old, new))

    def associate_disk(self, target: AgentTarget, request: DiskAssociation) -> None:
        self._done(target, "associate_disk", lambda machine: machine.associate_disk(request))

    def dissociate_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        self._done(target, "dissociate_disk", lambda machine: machine.dissociate_disk(cid))

    def put_file(self, target: AgentTarget, request: FileRequest) -> None:
        self._done(target, "put_file", lambda machine: machine.files.update({request.path: request.content}))

    def sync_dns(self, target: AgentTarget, request: DnsRequest) -> None:
        machine = self._reach(target)
        if ("sync_dns", target.name) in self.conditions.failing:
            raise ActionFailedError("disk-full", f"sync_dns of {target.name} failed.")
        machine.sync_dns(request)

    def fetch_logs(self, target: AgentTarget, logs: LogSelection) -> BlobOnVm:
        content = f"logs of {target.name}: {logs.kind} {' '.join(logs.globs)}".encode()
        digest = Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
        self._looked_at(target, "fetch_logs").blobs[digest] = content
        return BlobOnVm(digest=digest, size=len(content))

    def tail_logs(self, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Watch) -> None:
        self._looked_at(target, "tail_logs")
        watch(f"logs of {target.name}")

    def put_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._reach(target).blobs[digest] = self.blobs.open_blob(digest).read()

    def fetch_blobs(self, target: AgentTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        machine = self._reach(target)
        self.deaths.passing("agent: before fetch_blobs")
        stored = {blob.digest: self._cloud.resources.blobs.get(blob.url.url.removeprefix(URL)) for blob in blobs}
        machine.blobs |= {digest: content for digest, content in stored.items() if content is not None}
        self.deaths.passing("agent: after fetch_blobs")
        return {digest: "HTTP 404 Not Found" for digest, content in stored.items() if content is None}

    def get_blob(self, target: AgentTarget, digest: Digest) -> None:
        self.blobs.disk.blobs[digest] = self._reach(target).blobs[digest]

    def forget(self, target: AgentTarget) -> None:
        self.forgotten.append(target.name)

    def machine_at(self, cid: VmCid) -> Machine:
        """The VM's insides, for looks from outside."""
        return self.disk.machines[cid]

    def cid_of(self, target: AgentTarget) -> VmCid | None:
        """The VM whose agent has that address."""
        for cid, held in self._cloud.resources.vms.items():
            if any(network.ip == target.address.host for network in held.found.created.networks):
                return cid
        return None

    def identity_of(self, target: AgentTarget) -> str | None:
        """What the address pins of the agent, None before it was seen."""
        return target.address.host_key

    def _machine_with(self, address: str) -> Machine | None:
        """The insides of the running VM with that address, whichever agent it is."""
        for cid, held in self._cloud.resources.vms.items():
            is_there = any(network.ip == address for network in held.found.created.networks)
            if is_there and held.found.state is not VmState.STOPPED:
                return self.disk.machines.get(cid)
        return None

    def _looked_at(self, target: AgentTarget, verb: str) -> Machine:
        machine = self._reach(target)
        machine.broken = self.conditions.broken.get(target.name, ())
        machine.verbs.append(verb)
        return machine

    def _done(
        self,
        target: AgentTarget,
        verb: str,
        act: Callable[[Machine], Answer],
        *,
        watch: Watch | None = None,
        seconds: tuple[float, float] | None = None,
    ) -> Answer:
        """A verb that changes something: it takes time, may fail, and its answer may be lost."""
        machine = self._reach(target)
        machine.broken = self.conditions.broken.get(target.name, ())
        self.deaths.passing(f"agent: before {verb}")
        self._spend(*(seconds or _SECONDS.get(verb, (0.1, 0.5))))
        if watch is not None:
            watch(f"{verb} on {target.name}")
        if (verb, target.name) in self.conditions.failing:
            raise ActionFailedError("script-failed", f"{verb} of {target.name} failed.", output="last line")
        machine.verbs.append(verb)
        answer = act(machine)
        self.deaths.passing(f"agent: after {verb}")
        self._lose(verb, target, machine)
        return answer

    def _lose(self, verb: str, target: AgentTarget, machine: Machine) -> None:
        if (verb, target.name) in self.conditions.vanishing:
            self.conditions.vanishing.discard((verb, target.name))
            self._cloud.vanish_vm(machine.cid)
        if self.conditions.random.random() < self.conditions.lost_share:
            error = AgentError("agent-channel-died", f"No answer came to {verb}.")
            error.retry = Retry.UNKNOWN
            raise error

    def _reach(self, target: AgentTarget) -> Machine:
        self._spend(0.002, 0.02)
        cid = self.cid_of(target)
        if cid is None:
            raise UnreachableError("vm-port-closed", f"{target.name} does not answer.")
        held = self._cloud.resources.vm(cid)
        low, high = self.conditions.boot_s
        ready_at = self.disk.ready_at.setdefault(cid, self._time.now() + self.conditions.random.uniform(low, high))
        if held.found.state is VmState.STOPPED or self._time.now() < ready_at:
            raise UnreachableError("vm-not-booted", f"{target.name} has not booted.")
        if self.identity_of(target) not in (None, f"ssh-ed25519 {cid}"):
            raise UnreachableError("vm-host-key-changed", f"{target.name} shows another host key.")
        if cid not in self.disk.machines:
            self.disk.machines[cid] = Machine(cid=cid, cloud=self._cloud, contents=self.disk.contents)
        return self.disk.machines[cid]

    def _spend(self, low: float, high: float) -> None:
        if self.conditions.is_timed:
            self._time.spend(self.conditions.random.uniform(low, high))
