"""Mount the instance's attached disk.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, InstanceWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class MountDisk(InstanceWork[CidResult]):
    """Mount the instance's attached disk."""

    is_old: bool = False
    kind: Literal["mount_disk"] = "mount_disk"
    facts: ClassVar = WorkFacts(verb="mount", noun="disk", doing="mounting disk")
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """The disk is mounted."""
        return state_changes.change_disk(
            state, self.instance, cid=result.cid, change=lambda disk: replace(disk, is_mounted=True)
        )
