"""Remove the record of an instance's VM. Makes no call: the journal entry is the record.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import VmCid
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetVm(InstanceWork[Result]):
    """Remove the record of an instance's VM, whether the VM exists or not; the next deploy deletes one that exists.

    Makes no call: the journal entry is the record.
    """

    cid: VmCid
    kind: Literal["forget_vm"] = "forget_vm"
    facts: ClassVar = WorkFacts(
        verb="forget",
        noun="vm",
        doing="forgetting VM",
        sign="-",
        estimate_s=0.0,
        is_dirtying=False,
        needs_consent=True,
    )

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The instance has no VM; a newer one stays."""
        known = state_changes.vm_of(state, self.instance)
        return state_changes.replace_vm(state, self.instance, None) if known and known.cid == self.cid else state
