"""The one redaction filter: what comes back from VMs has the environment's secrets taken out before anyone sees it.

Takes an Agent and a Vault, gives both with known secrets hidden in progress lines, errors and errand output. Archives
of logs are not touched: they are fetched by who asked for them, and are what the jobs wrote.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from cpi.contract.values import DiskCid
from director.errors import ActionFailedError, AgentError
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
from director.model.agents.agent_state import AgentState, JobState
from director.model.agents.log_selection import LogSelection
from director.model.ids import Digest
from director.ports.agent import Agent, Watch


class RedactingAgent:
    """An Agent whose words are safe to print, to log and to keep in a journal."""

    def __init__(self, agent: Agent, redact: Callable[[str], str]) -> None:
        self._agent = agent
        self._redact = redact

    def connect(self, target: AgentTarget) -> AgentIdentity:
        return self._agent.connect(target)

    def forget(self, target: AgentTarget) -> None:
        self._agent.forget(target)

    def get_state(self, target: AgentTarget, *, is_full: bool = False) -> AgentState:
        with self._cleaned():
            return self._agent.get_state(target, is_full=is_full)

    def query_health(self, target: AgentTarget, addresses: Sequence[str]) -> Mapping[str, JobState]:
        with self._cleaned():
            return self._agent.query_health(target, addresses)

    def last_words(self, target: AgentTarget) -> str:
        with self._cleaned():
            return self._redact(self._agent.last_words(target))

    def prepare(self, target: AgentTarget, packages: Sequence[PackageBlob], *, watch: Watch) -> None:
        with self._cleaned():
            self._agent.prepare(target, packages, watch=self._heard(watch))

    def apply(self, target: AgentTarget, request: ApplyRequest, *, watch: Watch) -> None:
        with self._cleaned():
            self._agent.apply(target, request, watch=self._heard(watch))

    def start(self, target: AgentTarget) -> None:
        with self._cleaned():
            self._agent.start(target)

    def stop(self, target: AgentTarget, *, timeout_s: float) -> None:
        with self._cleaned():
            self._agent.stop(target, timeout_s=timeout_s)

    def drain(self, target: AgentTarget, following: NextSpec | None, *, watch: Watch) -> None:
        with self._cleaned():
            self._agent.drain(target, following, watch=self._heard(watch))

    def run_script(self, target: AgentTarget, name: str, env: Mapping[str, str], *, watch: Watch) -> None:
        with self._cleaned():
            self._agent.run_script(target, name, env, watch=self._heard(watch))

    def run_errand(self, target: AgentTarget, job: str, *, watch: Watch) -> ErrandEnd:
        with self._cleaned():
            ended = self._agent.run_errand(target, job, watch=self._heard(watch))
        return replace(ended, stdout=self._clean_output(ended.stdout), stderr=self._clean_output(ended.stderr))

    def compile_package(self, target: AgentTarget, request: CompileRequest, *, watch: Watch) -> BlobOnVm:
        with self._cleaned():
            return self._agent.compile_package(target, request, watch=self._heard(watch))

    def mount_disk(self, target: AgentTarget, cid: DiskCid, *, hint: str) -> None:
        with self._cleaned():
            self._agent.mount_disk(target, cid, hint=hint)

    def unmount_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        with self._cleaned():
            self._agent.unmount_disk(target, cid)

    def migrate_disk(self, target: AgentTarget, *, old: DiskCid, new: DiskCid) -> None:
        with self._cleaned():
            self._agent.migrate_disk(target, old=old, new=new)

    def associate_disk(self, target: AgentTarget, request: DiskAssociation) -> None:
        with self._cleaned():
            self._agent.associate_disk(target, request)

    def dissociate_disk(self, target: AgentTarget, cid: DiskCid) -> None:
        with self._cleaned():
            self._agent.dissociate_disk(target, cid)

    def put_file(self, target: AgentTarget, request: FileRequest) -> None:
        with self._cleaned():
            self._agent.put_file(target, request)

    def sync_dns(self, target: AgentTarget, request: DnsRequest) -> None:
        with self._cleaned():
            self._agent.sync_dns(target, request)

    def put_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._agent.put_blob(target, digest)

    def fetch_blobs(self, target: AgentTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        return self._agent.fetch_blobs(target, blobs)

    def get_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._agent.get_blob(target, digest)

    def fetch_logs(self, target: AgentTarget, logs: LogSelection) -> BlobOnVm:
        with self._cleaned():
            return self._agent.fetch_logs(target, logs)

    def tail_logs(self, target: AgentTarget, logs: LogSelection, *, lines: int, watch: Watch) -> None:
        with self._cleaned():
            self._agent.tail_logs(target, logs, lines=lines, watch=self._heard(watch))

    @contextmanager
    def _cleaned(self) -> Iterator[None]:
        """What an error within says is redacted."""
        try:
            yield
        except AgentError as error:
            error.what, error.why = self._redact(error.what), self._redact(error.why)
            error.args = (error.what,)
            if isinstance(error, ActionFailedError):
                error.output = self._redact(error.output)
            raise

    def _heard(self, watch: Watch) -> Watch:
        return lambda line: watch(self._redact(line))

    def _clean_output(self, output: ErrandOutput) -> ErrandOutput:
        return replace(output, end=self._redact(output.end))
