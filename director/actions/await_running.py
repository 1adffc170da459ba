"""Look at the job state on BOSH's watch schedule until it is running.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments.desired import WatchTime
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitRunning(InstanceWork[Result]):
    """Look at the job state on BOSH's watch schedule until it is running."""

    watch: WatchTime
    kind: Literal["await_running"] = "await_running"
    facts: ClassVar = WorkFacts(verb="await", noun="jobs", doing="waiting for jobs", estimate_s=10.0)
