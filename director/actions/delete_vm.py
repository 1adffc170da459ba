"""Delete a VM by the CID it has in the state, or, for a stray, by `cid`; its disks stay.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from cpi.contract.values import VmCid
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, Doubt, Family, VmWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class DeleteVm(CloudWork[CidResult], VmWork[CidResult]):
    """Delete a VM by the CID it has in the state, or, for a stray, by `cid`; its disks stay."""

    cid: VmCid | None = None
    kind: Literal["delete_vm"] = "delete_vm"
    facts: ClassVar = WorkFacts(
        verb="delete",
        noun="vm",
        doing="deleting VM",
        sign="-",
        estimate_s=10.0,
        family=Family.COMPUTE,
        doubt=Doubt.LOOK,
        is_event=True,
        needs_consent=True,
    )
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """The VM is gone; a newer one stays."""
        if self.instance is None:
            kept = {name: vm for name, vm in state.compilers.items() if vm.cid != result.cid}
            return replace(state, compilers=kept)
        known = state_changes.vm_of(state, self.instance)
        if known is None or known.cid != result.cid:
            return state
        return state_changes.replace_vm(state, self.instance, None)
