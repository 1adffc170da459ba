"""Make an orphaned disk the one on an instance's store. It is attached and mounted when the instance starts.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, JsonValue
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, DiskWork, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptDisk(CloudWork[CidResult], DiskWork[CidResult]):
    """Make an orphaned disk the one on an instance's store. It is attached and mounted when the instance starts.

    `created_by` is the action that created the disk, `cloud_properties` are those that it was created with.
    """

    cid: DiskCid
    size_mib: int
    created_by: ActionId
    cloud: CloudName = ONLY_CLOUD
    cloud_properties: Mapping[str, JsonValue] = field(default_factory=dict)
    kind: Literal["adopt_disk"] = "adopt_disk"
    facts: ClassVar = WorkFacts(
        verb="adopt", noun="disk", doing="adopting disk", family=Family.ATTACH, is_event=True, needs_consent=True
    )
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """The instance has that disk."""
        disk = DiskRecord(
            cid=self.cid,
            action=self.created_by,
            size_mib=self.size_mib,
            cloud=self.cloud,
            cloud_properties=self.cloud_properties,
        )

        def changed(record: InstanceRecord) -> InstanceRecord:
            return record if record.disk and record.disk.cid == disk.cid else replace(record, disk=disk)

        return state_changes.change_instance(state, self.instance, changed)
