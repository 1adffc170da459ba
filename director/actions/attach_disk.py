"""Give the instance's disk to its VM.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.former import OptionalText
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, DiskWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDiskResult(CidResult):
    """`hint` is what the cloud says of where the VM finds the disk; None: nothing."""

    hint: OptionalText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDisk(CloudWork[AttachDiskResult], DiskWork[AttachDiskResult]):
    """Give the instance's disk to its VM.

    `is_old` names the old disk: a new VM needs both when a migration was cut off.
    """

    cloud: CloudName = ONLY_CLOUD
    is_old: bool = False
    kind: Literal["attach_disk"] = "attach_disk"
    facts: ClassVar = WorkFacts(
        verb="attach", noun="disk", doing="attaching disk", estimate_s=5.0, family=Family.ATTACH, is_event=True
    )
    result: ClassVar = AttachDiskResult

    def fold(self, state: DeploymentState, action: ActionId, result: AttachDiskResult) -> DeploymentState:
        """The disk is attached."""
        return state_changes.change_disk(
            state, self.instance, cid=result.cid, change=lambda disk: replace(disk, hint=result.hint)
        )
