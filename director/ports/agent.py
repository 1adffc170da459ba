"""Reach the agent of one VM.

Takes targets and verbs, gives JSON; the verbs are those of the guest (docs/reference/guest.md).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cpi.contract.values import JsonValue
from director.model.agent_state import AgentInfo, SshTarget, StoredBlob
from director.model.ids import Digest


class Agent(Protocol):
    """Safe to call from many threads; one connection and one channel for each VM, kept open.

    Every method may raise UnreachableError (which leg broke), AgentError with retry UNKNOWN when the channel died
    after the request was written, and ActionFailedError when the verb ran and failed.
    """

    def connect(self, target: SshTarget) -> AgentInfo:
        """After: the guest of our version runs there. Installs it once; again costs one round trip."""

    def call(
        self,
        target: SshTarget,
        verb: str,
        arguments: Mapping[str, JsonValue],
        *,
        watch: Callable[[str], None],
    ) -> JsonValue:
        """Run one verb to its end; `watch` is given the last line of what runs."""

    def put_blob(self, target: SshTarget, digest: Digest) -> None:
        """After: the VM has the blob of our blobstore. There before costs one round trip."""

    def fetch_blobs(self, target: SshTarget, blobs: Sequence[StoredBlob]) -> Mapping[Digest, str]:
        """Let the VM fetch what it lacks by itself; gives why, for each that it does not have afterwards."""

    def get_blob(self, target: SshTarget, digest: Digest) -> None:
        """After: our blobstore has the VM's blob."""

    def forget(self, target: SshTarget) -> None:
        """Close what is open to it: the VM is about to go."""
