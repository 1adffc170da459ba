"""The one redaction filter: what comes back from VMs has the environment's secrets taken out before anyone sees it.

Takes an Agent and a Vault, gives both with known secrets hidden in progress lines, errors and errand output. Archives
of logs are not touched: they are fetched by who asked for them, and are what the jobs wrote.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence

from cpi.contract.values import JsonValue
from director.errors import ActionFailedError, AgentError, StateError
from director.model.agent_state import AgentInfo, SshTarget, StoredBlob
from director.model.desired import VariableSpec
from director.model.ids import Digest
from director.model.state import SecretRecord
from director.ports.agent import Agent
from director.ports.vault import Vault
from director.report.redact import Redactor

_TELLING = frozenset({"run_errand", "last_words"})
"""Verbs whose values are what programs wrote."""

WITHHELD = "<withheld: a secret of the vault cannot be opened, so this text cannot be searched for it>"


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

    def connect(self, target: SshTarget) -> AgentInfo:
        return self._agent.connect(target)

    def call(
        self,
        target: SshTarget,
        verb: str,
        arguments: Mapping[str, JsonValue],
        *,
        watch: Callable[[str], None],
    ) -> JsonValue:
        try:
            answer = self._agent.call(target, verb, arguments, watch=lambda line: watch(self._redact(line)))
        except AgentError as error:
            self._clean(error)
            raise
        return self._clean_value(answer) if verb in _TELLING else answer

    def put_blob(self, target: SshTarget, digest: Digest) -> None:
        self._agent.put_blob(target, digest)

    def fetch_blobs(self, target: SshTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        return self._agent.fetch_blobs(target, blobs)

    def get_blob(self, target: SshTarget, digest: Digest) -> None:
        self._agent.get_blob(target, digest)

    def forget(self, target: SshTarget) -> None:
        self._agent.forget(target)

    def _clean(self, error: AgentError) -> None:
        error.what, error.why = self._redact(error.what), self._redact(error.why)
        error.args = (error.what,)
        if isinstance(error, ActionFailedError):
            error.output = self._redact(error.output)

    def _clean_value(self, value: JsonValue) -> JsonValue:
        if isinstance(value, str):
            return self._redact(value)
        if isinstance(value, Mapping):
            return {key: self._clean_value(item) for key, item in value.items()}
        return [self._clean_value(item) for item in value] if isinstance(value, list | tuple) else value
