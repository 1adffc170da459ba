"""Copy the old disk's content to the present one and mount that in its place.

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
class MigrateDiskResult(CidResult):
    """The present disk, and the old one that its content came from."""

    from_cid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MigrateDisk(InstanceWork[MigrateDiskResult]):
    """Copy the old disk's content to the present one and mount that in its place."""

    kind: Literal["migrate_disk"] = "migrate_disk"
    facts: ClassVar = WorkFacts(
        verb="migrate", noun="disk", doing="migrating disk", estimate_s=30.0, needs_consent=True
    )
    result: ClassVar = MigrateDiskResult

    def fold(self, state: DeploymentState, action: ActionId, result: MigrateDiskResult) -> DeploymentState:
        """The present disk is mounted in the old one's place."""
        left = state_changes.change_disk(
            state, self.instance, cid=result.from_cid, change=lambda disk: replace(disk, is_mounted=False)
        )
        return state_changes.change_disk(
            left, self.instance, cid=result.cid, change=lambda disk: replace(disk, is_mounted=True)
        )
