"""One VM's insides as the fake agent world sees them, and what each verb does there.

Takes a verb's request, gives what the agent of such a VM would.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.contract.values import DiskCid, JsonValue, VmCid
from director.errors import ActionFailedError
from director.model.agents.agent_answers import BlobOnVm
from director.model.agents.agent_requests import ApplyRequest, CompileRequest, DiskAssociation, DnsRequest, PackageBlob
from director.model.agents.agent_state import AgentState, JobState, Process
from director.model.ids import Digest


@dataclass(slots=True)
class DiskContents:
    """What is written on disks, by CID; outlives VMs. `births` counts how often an instance began with nothing."""

    by_cid: dict[DiskCid, str] = field(default_factory=dict)
    births: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Machine:
    """A booted VM with the guest on it. Every verb raises ActionFailedError as the guest does."""

    cid: VmCid
    cloud: MemoryCloud
    contents: DiskContents
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    spec: Mapping[str, JsonValue] = field(default_factory=dict)
    job_state: JobState = JobState.STOPPED
    store: DiskCid | None = None
    migrating: DiskCid | None = None
    named: dict[str, DiskCid] = field(default_factory=dict)
    """The named disks that jobs find."""
    files: dict[str, bytes] = field(default_factory=dict)
    """Placed files by their paths."""
    verbs: list[str] = field(default_factory=list)
    dns: DnsRequest | None = None
    broken: Sequence[Process] = ()
    """Failing processes, as get_state reports them: then nothing runs after a start."""

    def state(self) -> AgentState:
        disks = tuple(cid for cid in (self.store, self.migrating) if cid)
        return AgentState(job_state=self.job_state, processes=tuple(self.broken), spec=dict(self.spec), disks=disks)

    def need_packages(self, packages: Iterable[PackageBlob]) -> None:
        self._need(package.digest for package in packages)

    def apply(self, request: ApplyRequest) -> None:
        assert set(request.files) >= set(request.jobs), "the spec names jobs without files"
        self.need_packages(request.packages)
        self.spec = {
            **request.facts,
            "jobs": list(request.jobs),
            "packages": [
                {"name": each.name, "version": each.version, "digest": each.digest} for each in request.packages
            ],
            "configuration_hash": request.configuration_hash,
        }

    def sync_dns(self, request: DnsRequest) -> None:
        if self.dns is None or request.version > self.dns.version:
            self.dns = request

    def start(self) -> None:
        assert self.spec, "start before apply"
        self.job_state = JobState.FAILING if self.broken else JobState.RUNNING
        if self.store:
            self._write_store(self.store, str(self.spec.get("id")))
        for name, disk in self.named.items():
            size_mib = next(each.size_mib for each in self.cloud.inventory().disks if each.cid == disk)
            self._write_store(disk, f"{self.spec.get('id')}/{name} of {size_mib} MiB")

    def _write_store(self, disk: DiskCid, instance: str) -> None:
        """The jobs keep their data: found again, or created again, which is counted."""
        if disk not in self.contents.by_cid:
            self.contents.by_cid[disk] = instance
            self.contents.births[instance] = self.contents.births.get(instance, 0) + 1

    def stop(self) -> None:
        self.job_state = JobState.STOPPED

    def compile_package(self, request: CompileRequest) -> BlobOnVm:
        dependencies = [package.digest for package in request.dependencies]
        self._need([request.source, *dependencies])
        content = f"{request.name} {request.version} {sorted(dependencies)}".encode()
        digest = Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
        self.blobs[digest] = content
        return BlobOnVm(digest=digest, size=len(content))

    def mount_disk(self, cid: DiskCid, hint: str) -> None:
        if cid not in self.cloud.resources.vm(self.cid).found.disk_cids or not hint:
            raise ActionFailedError("disk-not-there", f"Disk {cid} is not attached.")
        if cid not in (self.store, self.migrating):
            if self.store is None:
                self.store = cid
            else:
                self.migrating = cid
        self.cloud.set_mounted(cid, is_mounted=True)

    def unmount_disk(self, cid: DiskCid) -> None:
        if cid in (self.store, self.migrating):
            self.store = None if self.store == cid else self.store
            self.migrating = None if self.migrating == cid else self.migrating
            self.cloud.set_mounted(cid, is_mounted=False)

    def migrate_disk(self, old: DiskCid, new: DiskCid) -> None:
        if self.store == new:
            return
        if (self.store, self.migrating) != (old, new):
            raise ActionFailedError("disk-not-mounted", f"{old} and {new} are not both mounted.")
        if old in self.contents.by_cid:
            self.contents.by_cid[new] = self.contents.by_cid[old]
        self.store, self.migrating = new, None
        self.cloud.set_mounted(old, is_mounted=False)

    def associate_disk(self, request: DiskAssociation) -> None:
        if request.cid not in self.cloud.resources.vm(self.cid).found.disk_cids or not request.hint:
            raise ActionFailedError("disk-not-there", f"Disk {request.cid} is not attached.")
        before = self.named.get(request.name, request.cid)
        if before != request.cid:
            self.dissociate_disk(before)
        self.named[request.name] = request.cid
        self.cloud.set_mounted(request.cid, is_mounted=True)

    def dissociate_disk(self, cid: DiskCid) -> None:
        for name in [name for name, named in self.named.items() if named == cid]:
            del self.named[name]
            self.cloud.set_mounted(cid, is_mounted=False)

    def _need(self, digests: Iterable[Digest]) -> None:
        missing = [digest for digest in digests if digest not in self.blobs]
        if missing:
            raise ActionFailedError("blob-missing", f"The VM does not have {missing[0]}.")
