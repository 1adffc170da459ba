"""Let the instance's jobs find the device of a named disk under its name.

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
class AssociateDisk(DiskWork[CidResult]):
    """Let the instance's jobs find the device of the named disk `disk`: BOSH's disk association.

    Its content stays as it is: it is not partitioned, formatted or mounted.
    """

    kind: Literal["associate_disk"] = "associate_disk"
    facts: ClassVar = WorkFacts(verb="associate", noun="disk", doing="associating disk")
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """Jobs find it."""
        return state_changes.change_disk(
            state, self.instance, cid=result.cid, change=lambda disk: replace(disk, is_mounted=True)
        )
