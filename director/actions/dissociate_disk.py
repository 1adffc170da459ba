"""Remove the name under which the instance's jobs find a named disk, before the disk is detached.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, DiskWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DissociateDisk(DiskWork[CidResult]):
    """Remove the name under which jobs find the named disk `disk`; `is_old` names the one that it replaces."""

    is_old: bool = False
    kind: Literal["dissociate_disk"] = "dissociate_disk"
    facts: ClassVar = WorkFacts(verb="dissociate", noun="disk", doing="dissociating disk")
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """Jobs do not find it."""
        return state_changes.change_disk(
            state, self.instance, cid=result.cid, change=lambda disk: replace(disk, is_mounted=False)
        )
