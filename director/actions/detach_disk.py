"""Take the instance's disk from its VM. `is_old` names the old disk instead of the present one.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, DiskWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DetachDisk(CloudWork[CidResult], DiskWork[CidResult]):
    """Take the instance's disk from its VM. `is_old` names the old disk instead of the present one."""

    cloud: CloudName = ONLY_CLOUD
    is_old: bool = False
    kind: Literal["detach_disk"] = "detach_disk"
    facts: ClassVar = WorkFacts(
        verb="detach",
        noun="disk",
        doing="detaching disk",
        estimate_s=5.0,
        family=Family.ATTACH,
        is_event=True,
        needs_consent=True,
    )
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """The disk is attached to nothing."""
        return state_changes.change_disk(
            state, self.instance, cid=result.cid, change=lambda disk: replace(disk, hint=None, is_mounted=False)
        )
