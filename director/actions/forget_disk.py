"""Remove the record of an instance's disk. Makes no call: the journal entry is the record.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetDisk(InstanceWork[Result]):
    """Remove the record of an instance's disk that the cloud no longer has. The next deploy creates an empty one.

    Makes no call: the journal entry is the record.
    """

    cid: DiskCid
    kind: Literal["forget_disk"] = "forget_disk"
    facts: ClassVar = WorkFacts(
        verb="forget",
        noun="disk",
        doing="forgetting disk",
        sign="-",
        estimate_s=0.0,
        is_dirtying=False,
        needs_consent=True,
    )

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The instance has that disk no more."""
        return state_changes.change_disk(state, self.instance, cid=self.cid, change=lambda _: None)
