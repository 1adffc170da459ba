"""What comes back from VMs has secrets taken out."""

from collections.abc import Callable, Mapping, Sequence

import pytest

from cpi.contract.values import JsonValue
from director.app.redacting import WITHHELD, RedactingAgent, RememberingVault
from director.errors import ActionFailedError, StateError
from director.model.agent_state import AgentInfo, SshTarget, StoredBlob
from director.model.ids import Digest
from director.model.secret_ref import SecretRef
from director.report.redact import HIDDEN
from tests.support.memory_vault import MemoryVault

_TARGET = SshTarget(name="web/0", host="10.0.0.2", port=22, user="root", key=SecretRef(name="/e/key"))


class _Talkative:
    """An agent that says a text in every way it can: progress, value, error."""

    def __init__(self, text: str) -> None:
        self.text = text

    def connect(self, target: SshTarget) -> AgentInfo:
        return AgentInfo(guest_version="1", python="3", host_key="")

    def call(
        self, target: SshTarget, verb: str, arguments: Mapping[str, JsonValue], *, watch: Callable[[str], None]
    ) -> JsonValue:
        watch(self.text)
        if verb == "run_script":
            raise ActionFailedError("script-failed", self.text, why=self.text, output=self.text)
        return {"stdout": self.text, "exit_code": 0}

    def put_blob(self, target: SshTarget, digest: Digest) -> None:
        """Nothing."""

    def fetch_blobs(self, target: SshTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        return {}

    def get_blob(self, target: SshTarget, digest: Digest) -> None:
        """Nothing."""

    def forget(self, target: SshTarget) -> None:
        """Nothing."""


@pytest.fixture
def vault() -> RememberingVault:
    kept = MemoryVault()
    kept.put_secret("/e/d/password", "s3cret-s3cret")
    return RememberingVault(kept, "/e/")


def test_a_secret_is_hidden_in_progress_and_errand_output(vault: RememberingVault) -> None:
    heard: list[str] = []
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), vault.redact)
    answer = agent.call(_TARGET, "run_errand", {}, watch=heard.append)
    assert (heard, answer) == ([f"it is {HIDDEN}"], {"stdout": f"it is {HIDDEN}", "exit_code": 0})


def test_a_secret_is_hidden_in_the_last_words_of_a_process(vault: RememberingVault) -> None:
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), vault.redact)
    answer = agent.call(_TARGET, "last_words", {}, watch=lambda line: None)
    assert "s3cret" not in str(answer)


def test_a_secret_is_hidden_in_every_word_of_an_error(vault: RememberingVault) -> None:
    agent = RedactingAgent(_Talkative("s3cret-s3cret"), vault.redact)
    with pytest.raises(ActionFailedError) as caught:
        agent.call(_TARGET, "run_script", {}, watch=lambda line: None)
    error = caught.value
    assert (error.what, error.why, error.output, error.args) == (HIDDEN, HIDDEN, HIDDEN, (HIDDEN,))


def test_a_secret_that_is_new_since_the_last_look_is_hidden_too(vault: RememberingVault) -> None:
    assert vault.redact("tomorrow-s3cret") == "tomorrow-s3cret"
    vault.put_secret("/e/d/other", "tomorrow-s3cret")
    assert vault.redact("tomorrow-s3cret") == HIDDEN


class _SealedVault(MemoryVault):
    """A vault in which one secret cannot be opened."""

    def get_secret(self, name: str) -> JsonValue:
        raise StateError("secret-sealed", f"The secret '{name}' cannot be opened.")


def test_a_text_is_withheld_while_a_secret_cannot_be_opened() -> None:
    kept = _SealedVault()
    kept.put_secret("/e/d/password", "s3cret-s3cret")
    heard: list[str] = []
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), RememberingVault(kept, "/e/").redact)
    answer = agent.call(_TARGET, "run_errand", {}, watch=heard.append)
    assert (heard, answer) == ([WITHHELD], {"stdout": WITHHELD, "exit_code": 0})


def test_an_error_of_a_vm_is_withheld_while_a_secret_cannot_be_opened() -> None:
    kept = _SealedVault()
    kept.put_secret("/e/d/password", "s3cret-s3cret")
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), RememberingVault(kept, "/e/").redact)
    with pytest.raises(ActionFailedError) as raised:
        agent.call(_TARGET, "run_script", {}, watch=lambda line: None)
    assert (raised.value.what, raised.value.why, raised.value.output) == (WITHHELD, WITHHELD, WITHHELD)
