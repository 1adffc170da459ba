"""The one redaction filter: what comes back from VMs has the environment's secrets taken out before anyone sees it.

Takes an Agent and a Vault, gives both with known secrets hidden in progress lines, errors and errand output. Archives
of logs are not touched: they are fetched by who asked for them, and are what the jobs wrote.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from cpi.contract.values import DiskCid, JsonValue
from director.errors import ActionFailedError, AgentError, StateError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import AgentIdentity, BlobOnVm, ErrandEnd, ErrandOutput, StoredBlob
from director.model.agents.agent_requests import ApplyRequest, CompileRequest, FileRequest, NextSpec, PackageBlob
from director.model.agents.agent_state import AgentState
from director.model.environments.desired import VariableSpec
from director.model.environments.state import SecretRecord
from director.model.ids import Digest
from director.ports.agent import Agent, Watch
from director.ports.vault import Vault
from director.report.redact import Redactor

WITHHELD = "<withheld: a secret of the vault cannot be opened, so this text cannot be checked for it>"


class RememberingVault:
    """A Vault that knows which values could show up in texts: all of the environment, and what was asked since."""

    def __init__(self, vault: Vault, prefix: str) -> None:
        self._vault = vault
        self._prefix = prefix
        self._lock = threading.Lock()
        self._values: dict[str, JsonValue] = {}
        self._redactor: Redactor | None = None

    def redact(self, text: str) -> str:
        """The text with every known secret hidden; WITHHELD while one of them cannot be opened."""
        with self._lock:
            try:
                redactor = self._redactor or self._whole_redactor()
            except StateError:
                return WITHHELD if text.strip() else text
            self._redactor = redactor
            return redactor.redact(text)

    def restore_ssh_key(self, name: str, *, private_key: str, public_key: str) -> bool:
        is_there = self._vault.restore_ssh_key(name, private_key=private_key, public_key=public_key)
        self._forget_pattern()
        return is_there

    def get_secret(self, name: str) -> JsonValue:
        value = self._vault.get_secret(name)
        with self._lock:
            if self._values.get(name) != value:
                self._values[name] = value
                self._redactor = None
        return value

    def make_secret(self, variable: VariableSpec, *, version: int = 1) -> None:
        self._vault.make_secret(variable, version=version)
        self._forget_pattern()

    def sample_secret(self, variable: VariableSpec) -> JsonValue:
        return self._vault.sample_secret(variable)

    def put_secret(self, name: str, value: JsonValue) -> None:
        self._vault.put_secret(name, value)
        self._forget_pattern()

    def forget_secrets(self, prefix: str) -> None:
        self._vault.forget_secrets(prefix)

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        return self._vault.secret_versions(names)

    def shown_options(self, variable: VariableSpec) -> SecretRecord | None:
        return self._vault.shown_options(variable)

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        return self._vault.list_secrets(prefix)

    def _whole_redactor(self) -> Redactor:
        stored = self._vault.list_secrets(self._prefix)
        self._values.update({name: self._vault.get_secret(name) for name in stored if name not in self._values})
        return Redactor(self._values.values())

    def damaged_files(self) -> tuple[str, ...]:
        return self._vault.damaged_files()

    def _forget_pattern(self) -> None:
        with self._lock:
            self._redactor = None


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

    def put_file(self, target: AgentTarget, request: FileRequest) -> None:
        with self._cleaned():
            self._agent.put_file(target, request)

    def put_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._agent.put_blob(target, digest)

    def fetch_blobs(self, target: AgentTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        return self._agent.fetch_blobs(target, blobs)

    def get_blob(self, target: AgentTarget, digest: Digest) -> None:
        self._agent.get_blob(target, digest)

    def fetch_logs(self, target: AgentTarget, *, kind: str) -> BlobOnVm:
        with self._cleaned():
            return self._agent.fetch_logs(target, kind=kind)

    def tail_logs(self, target: AgentTarget, *, lines: int, watch: Watch) -> None:
        with self._cleaned():
            self._agent.tail_logs(target, lines=lines, watch=self._heard(watch))

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
