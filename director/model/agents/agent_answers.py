"""What an agent answers besides its state: who it is, and what its verbs made.

Takes nothing, gives frozen values.
"""

from cpi.contract.value_classes import dataclass
from cpi.contract.values import SignedUrl
from director.model.ids import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentIdentity:
    """Who answered: the guest's version, the Python it runs on, and what an address pins (of SSH the host key)."""

    guest_version: str
    python: str
    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlob:
    """A blob in object storage, of `size` bytes, and where a VM fetches it for now."""

    digest: Digest
    size: int
    url: SignedUrl


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobOnVm:
    """A blob that a verb made on the VM."""

    digest: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LongOutput:
    """The blob on the VM that has all of a long output but its first `left_out` bytes."""

    digest: Digest
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandOutput:
    """The end of what an errand wrote to one stream. `whole` is None where that is all, or no room was left for it."""

    end: str
    whole: LongOutput | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandEnd:
    """How an errand ended."""

    exit_code: int
    stdout: ErrandOutput
    stderr: ErrandOutput
