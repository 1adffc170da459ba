"""What crosses the boundary to a VM's agent: how to reach it, what it says.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Optional

from cpi.contract.values import DiskCid, JsonValue, SignedUrl
from director.model.ids import Digest
from director.model.secret_ref import SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SshTarget:
    """How to reach one VM by SSH. `key` names the private key; `host_key` "" is pinned at first contact."""

    name: str
    host: str
    port: int
    user: str
    key: SecretRef
    host_key: str = ""
    jump: Optional["SshTarget"] = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInfo:
    """Who answered: the guest's version, the Python it runs on, and the host key seen (one OpenSSH line)."""

    guest_version: str
    python: str
    host_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBlob:
    """A blob in object storage, of `size` bytes, and where a VM fetches it for now."""

    digest: Digest
    size: int
    url: SignedUrl


class JobState(Enum):
    RUNNING = "running"
    STARTING = "starting"
    FAILING = "failing"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`problem` is why it fails; `is_hopeless`: waiting does not mend that."""

    name: str
    state: str
    uptime_s: float = 0.0
    mem_kib: int = 0
    cpu_percent: float = 0.0
    restarts: int = 0
    problem: str = ""
    is_hopeless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentState:
    """What an agent says of its VM. `spec` is the applied one, {} before the first apply."""

    job_state: JobState
    processes: tuple[Process, ...] = ()
    spec: Mapping[str, JsonValue] = field(default_factory=dict)
    disks: tuple[DiskCid, ...] = ()
    vitals: Mapping[str, JsonValue] = field(default_factory=dict)
