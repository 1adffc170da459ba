"""Start the instance's jobs; does not wait until they run.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(InstanceWork[Result]):
    """Start the instance's jobs; does not wait until they run."""

    kind: Literal["start"] = "start"
    facts: ClassVar = WorkFacts(verb="start", noun="instance", doing="starting jobs", is_event=True)
