"""Becomes the instance's disk; one it had before becomes its old disk. Made near the instance's VM.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid, DiskRequest
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState, DiskRecord, InstanceRecord
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, DiskWork, Doubt, Family, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateDisk(CloudWork[CidResult], DiskWork[CidResult]):
    """Becomes the instance's disk; one it had before becomes its old disk. Made near the instance's VM."""

    request: DiskRequest
    kind: Literal["create_disk"] = "create_disk"
    facts: ClassVar = WorkFacts(
        verb="create",
        noun="disk",
        doing="creating disk",
        estimate_s=5.0,
        family=Family.DISK,
        doubt=Doubt.LOOK,
        is_event=True,
    )
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """The instance has a new disk; folding the same disk again changes nothing."""
        disk = DiskRecord(
            cid=DiskCid(result.cid),
            action=action,
            size_mib=self.request.size_mib,
            cloud=self.cloud,
            cloud_properties=self.request.cloud_properties,
        )

        def changed(record: InstanceRecord) -> InstanceRecord:
            before = record.disk_called(self.disk)
            if before and before.cid == disk.cid:
                return record
            if not self.disk:
                return replace(record, disk=disk, old_disk=before or record.old_disk)
            old = {**record.old_named_disks, **({self.disk: before} if before else {})}
            return replace(record, named_disks={**record.named_disks, self.disk: disk}, old_named_disks=old)

        return state_changes.change_instance(state, self.instance, changed)
