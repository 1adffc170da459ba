"""What an agent says of its VM: its jobs, its disks, its load.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, JsonValue


class JobState(Enum):
    RUNNING = "running"
    STARTING = "starting"
    FAILING = "failing"
    STOPPED = "stopped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """`problem` is why it fails; `is_hopeless`: waiting does not fix it."""

    name: str
    state: str
    uptime_s: float = 0.0
    mem_kib: int = 0
    cpu_percent: float = 0.0
    problem: str = ""
    is_hopeless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """How loaded a VM is: the load of 1, 5 and 15 minutes, and shares in percent.

    `cpu_percent` is by BOSH's words user, sys and wait; `disk_percent` by system, ephemeral and persistent. None is
    what the agent did not measure.
    """

    load: tuple[float, ...] = ()
    cpu_percent: Mapping[str, float] = field(default_factory=dict)
    memory_percent: float | None = None
    swap_percent: float | None = None
    disk_percent: Mapping[str, float] = field(default_factory=dict)
    uptime_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentState:
    """What an agent says of its VM. `spec` is the applied one, {} before the first apply.

    `vitals` is None where they were not asked for.
    """

    job_state: JobState
    processes: tuple[Process, ...] = ()
    spec: Mapping[str, JsonValue] = field(default_factory=dict)
    disks: tuple[DiskCid, ...] = ()
    vitals: Vitals | None = None
