"""Let go of a disk: it stays in the cloud under its owner key, tagged as orphaned. Teardown finds it.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, DiskWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanDiskResult(CidResult):
    """The disk, its cloud, and the name of the instance that had it; "" in entries from before it was noted."""

    cloud: CloudName = ONLY_CLOUD
    instance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanDisk(CloudWork[OrphanDiskResult], DiskWork[OrphanDiskResult]):
    """Let go of a disk: it stays in the cloud under its owner key, tagged as orphaned. Teardown finds it."""

    cloud: CloudName = ONLY_CLOUD
    is_old: bool = False
    kind: Literal["orphan_disk"] = "orphan_disk"
    facts: ClassVar = WorkFacts(
        verb="orphan", noun="disk", doing="orphaning disk", family=Family.ATTACH, is_event=True, needs_consent=True
    )
    result: ClassVar = OrphanDiskResult

    def fold(self, state: DeploymentState, action: ActionId, result: OrphanDiskResult) -> DeploymentState:
        """The instance has that disk no more."""
        return state_changes.change_disk(state, self.instance, cid=result.cid, change=lambda _: None)
