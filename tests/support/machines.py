"""One VM's insides as the fake agent world sees them, and what each verb does there.

Takes a verb with arguments, gives what a guest would.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.contract.values import DiskCid, JsonValue, VmCid
from director.errors import ActionFailedError, AgentError
from director.model.agent_state import JobState
from director.model.ids import Digest

Arguments = Mapping[str, JsonValue]

CHANGING = frozenset(
    {"apply", "start", "stop", "drain", "run_script", "run_errand", "compile_package", "prepare", "put_file"}
    | {"mount_disk", "unmount_disk", "migrate_disk"}
)


@dataclass(slots=True)
class DiskContents:
    """What is written on disks, by CID; outlives VMs. `births` counts how often an instance began with nothing."""

    by_cid: dict[DiskCid, str] = field(default_factory=dict)
    births: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Machine:
    """A booted VM with the guest on it."""

    cid: VmCid
    cloud: MemoryCloud
    contents: DiskContents
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    spec: Mapping[str, JsonValue] = field(default_factory=dict)
    job_state: JobState = JobState.STOPPED
    store: DiskCid | None = None
    migrating: DiskCid | None = None
    verbs: list[str] = field(default_factory=list)
    broken: Sequence[Mapping[str, JsonValue]] = ()
    """Processes that fail, as get_state tells of them: then nothing runs after a start."""

    def do(self, verb: str, arguments: Arguments) -> JsonValue:
        """Run one verb. Raises ActionFailedError as the guest does, AgentError for a verb it does not know."""
        known: Mapping[str, Callable[[Arguments], JsonValue]] = {
            "get_state": self._get_state,
            "prepare": self._prepare,
            "apply": self._apply,
            "start": self._start,
            "stop": self._stop,
            "drain": lambda _: 0,
            "last_words": lambda _: {"text": "web: web.stderr.log\n  config key missing"},
            "run_script": lambda _: {},
            "run_errand": lambda _: {"exit_code": 0, "stdout": "fine", "stderr": ""},
            "put_file": lambda asked: {"path": asked["path"]},
            "compile_package": self._compile,
            "mount_disk": self._mount,
            "unmount_disk": self._unmount,
            "migrate_disk": self._migrate,
        }
        if verb not in known:
            raise AgentError("unknown-verb", f"The guest has no verb '{verb}'.")
        self.verbs.append(verb)
        return known[verb](arguments)

    def _get_state(self, _asked: Arguments) -> JsonValue:
        disks = [str(cid) for cid in (self.store, self.migrating) if cid]
        processes: JsonValue = [dict(process) for process in self.broken]
        return {"job_state": self.job_state.value, "processes": processes, "spec": dict(self.spec), "disks": disks}

    def _prepare(self, asked: Arguments) -> JsonValue:
        self._need(_digests(asked["packages"]))
        return "prepared"

    def _apply(self, asked: Arguments) -> JsonValue:
        spec, files = asked["spec"], asked["files"]
        assert isinstance(spec, Mapping)
        assert isinstance(files, Mapping)
        jobs = spec["jobs"]
        assert isinstance(jobs, list)
        assert set(files) >= set(jobs), "the spec names jobs without files"
        self._need(_digests(spec["packages"]))
        self.spec = spec
        return "applied"

    def _start(self, _asked: Arguments) -> JsonValue:
        assert self.spec, "start before apply"
        self.job_state = JobState.FAILING if self.broken else JobState.RUNNING
        if self.store:
            self._write_store(self.store, str(self.spec.get("id")))
        return "started"

    def _write_store(self, disk: DiskCid, instance: str) -> None:
        """The jobs keep their data: found again, or begun anew, which is counted."""
        if disk not in self.contents.by_cid:
            self.contents.by_cid[disk] = instance
            self.contents.births[instance] = self.contents.births.get(instance, 0) + 1

    def _stop(self, _asked: Arguments) -> JsonValue:
        self.job_state = JobState.STOPPED
        return "stopped"

    def _compile(self, asked: Arguments) -> JsonValue:
        dependencies = _digests(asked["dependencies"])
        self._need([Digest(str(asked["source_digest"])), *dependencies])
        content = f"{asked['name']} {asked['version']} {sorted(dependencies)}".encode()
        digest = Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
        self.blobs[digest] = content
        return {"digest": digest, "size": len(content)}

    def _mount(self, asked: Arguments) -> JsonValue:
        cid = DiskCid(str(asked["cid"]))
        if cid not in self.cloud.shelves.vm(self.cid).found.disk_cids or not asked["hint"]:
            raise ActionFailedError("disk-not-there", f"Disk {cid} is not attached.")
        if cid not in (self.store, self.migrating):
            if self.store is None:
                self.store = cid
            else:
                self.migrating = cid
        self.cloud.set_mounted(cid, is_mounted=True)
        return {}

    def _unmount(self, asked: Arguments) -> JsonValue:
        cid = DiskCid(str(asked["cid"]))
        if cid in (self.store, self.migrating):
            self.store = None if self.store == cid else self.store
            self.migrating = None if self.migrating == cid else self.migrating
            self.cloud.set_mounted(cid, is_mounted=False)
        return {}

    def _migrate(self, asked: Arguments) -> JsonValue:
        old, new = DiskCid(str(asked["from_cid"])), DiskCid(str(asked["to_cid"]))
        if self.store == new:
            return {}
        if (self.store, self.migrating) != (old, new):
            raise ActionFailedError("disk-not-mounted", f"{old} and {new} are not both mounted.")
        if old in self.contents.by_cid:
            self.contents.by_cid[new] = self.contents.by_cid[old]
        self.store, self.migrating = new, None
        self.cloud.set_mounted(old, is_mounted=False)
        return {}

    def _need(self, digests: Sequence[Digest]) -> None:
        missing = [digest for digest in digests if digest not in self.blobs]
        if missing:
            raise ActionFailedError("blob-missing", f"The VM does not have {missing[0]}.")


def _digests(packages: JsonValue) -> list[Digest]:
    assert isinstance(packages, Sequence)
    return [Digest(str(package["digest"])) for package in packages if isinstance(package, Mapping)]
