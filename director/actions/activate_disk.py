"""Make the other one of an instance's two disks the one on the store. Makes no call: the journal entry is the record.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState, InstanceRecord
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivateDisk(InstanceWork[Result]):
    """Make disk `cid` the one on the store, and the other one of the two that which it replaces.

    Makes no call: the journal entry is the record.
    """

    cid: DiskCid
    kind: Literal["activate_disk"] = "activate_disk"
    facts: ClassVar = WorkFacts(
        verb="activate", noun="disk", doing="activating disk", estimate_s=0.0, needs_consent=True
    )

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The two are exchanged, where that disk is the old one; twice is once."""
        return state_changes.change_instance(state, self.instance, self._exchanged)

    def _exchanged(self, record: InstanceRecord) -> InstanceRecord:
        if record.old_disk is None or record.old_disk.cid != self.cid:
            return record
        return replace(record, disk=record.old_disk, old_disk=record.disk)
