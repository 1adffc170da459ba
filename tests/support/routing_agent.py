"""An Agent that hands each call on to another one, chosen by its target: where two transports or two clouds meet."""

from collections.abc import Callable, Mapping, Sequence

from cpi.contract.values import DiskCid
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import AgentIdentity, BlobOnVm, ErrandEnd, StoredBlob
from director.model.agents.agent_requests import (
    ApplyRequest,
    CompileRequest,
    DiskAssociation,
    DnsRequest,
    FileRequest,
    NextSpec,
    PackageBlob,
)
from director.model.agents.agent_state import AgentState, JobState
from director.model.agents.log_selection import LogSelection
from director.model.ids import Digest
from director.ports.agent import Agent, Watch


class RoutingAgent:
    """Implements Agent."""

    def __init__(self, choose: Callable[[AgentTarget], Agent]) -> None:
        self._choose = choose

    def connect(self, target: AgentTarget) -> AgentIdentity:
        return self._choose(target).connect(target)

    def forget(self, target: AgentTarget) -> None:
        self._choose(target).forget(target)

    def get_state(self, target: AgentTarget, *, is_full: bool = False) -> AgentState:
        return self._choose(target).get_state(target, is_full=is_full)

    def query_health(self, target: AgentTarget, addresses: Sequence[str]) -> Mapping[str, JobState]:
        return self._choose(target).query_health(target, addresses)

    def last_words(self, target: AgentTarget) -> str:
        return self._choose(target).last_words(target)

    def prepare(self, target: AgentTarget, packages: Sequence[PackageBlob], *, watch: Watch) -> None:
        self._choose(target).prepare(target, packages, watch=watch)

    def apply(self, target: AgentTarget, request: ApplyRequest, *, watch: Watch) -> None:
        self._choose(target).apply(target, request, watch=watch)

    def start(self, target: AgentTarget) -> None:
        self._choose(target).start(target)

    def stop(self, target: AgentTarget, *, timeout_s: float) -> None:
        self._choose(target).stop(target, timeout_s=timeout_s)

    def drain(self, target: AgentTarget, following: NextSpec | None, *, watch: Watch) -> None:
        self._choose(target).drain(target, following, watch=watch)

    def run_script(self, target: AgentTarget, name: str, env: Mapping[str, str], *, watch: Watch) -> None:
        self._choose(target).run_script(target, name, env, watch=watch)

    def run_errand(self, target: AgentTarget, job: str, *, watch: Watch) -> ErrandEnd:
        return self._choose(target).run_errand(target, job, watch=watch)

    def compile_package(self, target: AgentTarget, request: CompileRequest, *, watch: Watch) -> BlobOnVm:
        return self._choose(target).compile_package(target, request, watch=watch)

    def mount_disk(self, target: AgentTarget, cid: DiskCid, *, hint: str) -> None:
        self._choose(target).mount_disk(target, cid, hint=hint)

    def unmount_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        self._choose(target).unmount_disk(target, cid)

    def migrate_disk(self, target: AgentTarget, *, old: DiskCid, new: DiskCid) -> None:
        self._choose(target).migrate_disk(target, old=old, new=new)

    def associate_disk(self, target: AgentTarget, request: DiskAssociation) -> None:
        self._choose(target).associate_disk(target, request)

    def dissociate_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        self._choose(target).dissociate_disk(target, cid)

    def put_file(self, target: AgentTarget, request: FileRequest) -> None:
        self._choose(target).put_file(target, request)

    def sync_dns(self, target: AgentTarget, request: DnsRequest) -> None:
        self._choose(target).sync_dns(target, request)

    def put_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._choose(target).put_blob(target, digest)

    def fetch_blobs(self, target: AgentTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        return self._choose(target).fetch_blobs(target, blobs)

    def get_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._choose(target).get_blob(target, digest)

    def fetch_logs(self, target: AgentTarget, logs: LogSelection) -> BlobOnVm:
        return self._choose(target).fetch_logs(target, logs)

    def tail_logs(self, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Watch) -> None:
        self._choose(target).tail_logs(target, logs, lines=lines, watch=watch)
