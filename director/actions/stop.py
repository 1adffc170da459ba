"""Stop the instance's jobs and wait until they are down.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(InstanceWork[Result]):
    """Stop the instance's jobs and wait until they are down."""

    kind: Literal["stop"] = "stop"
    facts: ClassVar = WorkFacts(verb="stop", noun="instance", doing="stopping jobs", is_event=True, needs_consent=True)
