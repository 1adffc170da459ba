"""Remember what `compiled_by` (an action of this plan) made.

Takes nothing, gives a frozen value with its facts.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.ids import ActionId
from director.model.tasks.work import Result, WorkFacts, WorkOf


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveCompiled(WorkOf[Result]):
    """Remember what `compiled_by` (an action of this plan) made."""

    key: str
    compiled_by: ActionId
    kind: Literal["save_compiled"] = "save_compiled"
    facts: ClassVar = WorkFacts(verb="save", noun="compiled package", doing="saving compiled package", estimate_s=0.0)
