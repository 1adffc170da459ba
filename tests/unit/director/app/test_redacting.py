"""What comes back from VMs has secrets taken out."""

from collections.abc import Mapping

import pytest

from cpi.contract.values import JsonValue
from director.app.wiring.redacting import RedactingAgent
from director.app.wiring.vaults import WITHHELD, RememberingVault
from director.errors import ActionFailedError, StateError
from director.model.agents.agent_address import AgentTarget
from director.model.agents.agent_answers import ErrandEnd, ErrandOutput
from director.ports.agent import Watch
from director.report.redact import HIDDEN
from tests.support import agent_targets
from tests.support.memory_agents import MemoryAgents
from tests.support.memory_blobs import MemoryBlobs
from tests.support.memory_vault import MemoryVault
from tests.support.simulation import Simulation

_TARGET = agent_targets.over_ssh("10.0.0.2")


class _Talkative(MemoryAgents):
    """An agent that says a text in every way it can: progress, value, error."""

    def __init__(self, text: str) -> None:
        simulation = Simulation()
        super().__init__(simulation.cloud, MemoryBlobs(simulation.blobs), simulation.time, simulation.agents.conditions)
        self.text = text

    def run_errand(self, target: AgentTarget, job: str, *, watch: Watch) -> ErrandEnd:
        watch(self.text)
        return _ended(self.text)

    def last_words(self, target: AgentTarget) -> str:
        return self.text

    def run_script(self, target: AgentTarget, name: str, env: Mapping[str, str], *, watch: Watch) -> None:
        raise ActionFailedError("script-failed", self.text, why=self.text, output=self.text)


def _ended(text: str) -> ErrandEnd:
    return ErrandEnd(exit_code=0, stdout=ErrandOutput(end=text), stderr=ErrandOutput(end=text))


@pytest.fixture
def vault() -> RememberingVault:
    kept = MemoryVault()
    kept.put_secret("/e/d/password", "s3cret-s3cret")
    return RememberingVault(kept, "/e/")


def test_a_secret_is_hidden_in_progress_and_errand_output(vault: RememberingVault) -> None:
    heard: list[str] = []
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), vault.redact)
    answer = agent.run_errand(_TARGET, "smoke", watch=heard.append)
    assert (heard, answer) == ([f"it is {HIDDEN}"], _ended(f"it is {HIDDEN}"))


def test_a_secret_is_hidden_in_the_last_words_of_a_process(vault: RememberingVault) -> None:
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), vault.redact)
    answer = agent.last_words(_TARGET)
    assert answer == f"it is {HIDDEN}"


def test_a_secret_is_hidden_in_every_word_of_an_error(vault: RememberingVault) -> None:
    agent = RedactingAgent(_Talkative("s3cret-s3cret"), vault.redact)
    with pytest.raises(ActionFailedError) as caught:
        agent.run_script(_TARGET, "pre-start", {}, watch=lambda line: None)
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
    answer = agent.run_errand(_TARGET, "smoke", watch=heard.append)
    assert (heard, answer) == ([WITHHELD], _ended(WITHHELD))


def test_an_error_of_a_vm_is_withheld_while_a_secret_cannot_be_opened() -> None:
    kept = _SealedVault()
    kept.put_secret("/e/d/password", "s3cret-s3cret")
    agent = RedactingAgent(_Talkative("it is s3cret-s3cret"), RememberingVault(kept, "/e/").redact)
    with pytest.raises(ActionFailedError) as raised:
        agent.run_script(_TARGET, "pre-start", {}, watch=lambda line: None)
    assert (raised.value.what, raised.value.why, raised.value.output) == (WITHHELD, WITHHELD, WITHHELD)
