"""Make the VM that was created beside the instance's own its VM. Makes no call: the journal entry is the record.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectVm(InstanceWork[Result]):
    """Make the VM that was created beside the instance's own its VM. `successor` is its name among compile VMs.

    Before: the jobs of the instance's VM are stopped and its disk is detached. After: that VM is in no record.
    """

    successor: str
    kind: Literal["elect_vm"] = "elect_vm"
    facts: ClassVar = WorkFacts(verb="swap", noun="vm", doing="swapping VMs", estimate_s=0.0, is_event=True)

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The instance has the other VM, on which nothing runs yet."""
        vm = state.compilers.get(self.successor)
        if vm is None:
            return state
        left = {name: each for name, each in state.compilers.items() if name != self.successor}
        return state_changes.replace_vm(replace(state, compilers=left), self.instance, vm)
