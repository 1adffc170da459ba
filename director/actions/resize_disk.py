"""Grow the instance's detached disk.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, Difference, Family, InstanceWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeDiskResult(CidResult):
    """The disk with its new size."""

    size_mib: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResizeDisk(CloudWork[ResizeDiskResult], InstanceWork[ResizeDiskResult]):
    """Grow the instance's detached disk."""

    cloud: CloudName = ONLY_CLOUD
    size_mib: int
    kind: Literal["resize_disk"] = "resize_disk"
    facts: ClassVar = WorkFacts(
        verb="resize", noun="disk", doing="resizing disk", family=Family.ATTACH, is_event=True, needs_consent=True
    )
    result: ClassVar = ResizeDiskResult

    def fold(self, state: DeploymentState, action: ActionId, result: ResizeDiskResult) -> DeploymentState:
        """The disk has its new size."""
        return state_changes.change_disk(
            state, self.instance, cid=result.cid, change=lambda disk: replace(disk, size_mib=result.size_mib)
        )

    def differences(self, result: ResizeDiskResult) -> tuple[Difference, ...]:
        """Another size than planned."""
        if result.size_mib == self.size_mib:
            return ()
        return (Difference(what="size_mib", planned=self.size_mib, reported=result.size_mib),)
