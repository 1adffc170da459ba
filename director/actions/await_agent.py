"""Wait until the VM's agent answers, for `timeout_s` from its first try.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.former import OptionalText
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, VmWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitAgentResult(CidResult):
    """The VM that answered, and what its address pins of it from now on (of SSH the host key)."""

    identity: OptionalText = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitAgent(VmWork[AwaitAgentResult]):
    """Wait until the VM's agent answers, for `timeout_s` from its first try."""

    timeout_s: float = 600.0
    kind: Literal["await_agent"] = "await_agent"
    facts: ClassVar = WorkFacts(
        verb="await", noun="agent", doing="waiting for agent", estimate_s=20.0, is_dirtying=False
    )
    result: ClassVar = AwaitAgentResult

    def fold(self, state: DeploymentState, action: ActionId, result: AwaitAgentResult) -> DeploymentState:
        """The VM's agent is known by what it showed."""
        instance = self.instance
        vm = state_changes.vm_of(state, instance) if instance is not None else state.compilers.get(self.of_compiler())
        if vm is None or vm.agent is None or vm.cid != result.cid or result.identity is None:
            return state
        known = replace(vm, agent=vm.agent.pinned(result.identity))
        if instance is None:
            return state_changes.put_compiler(state, self.of_compiler(), known)
        return state_changes.put_vm(state, instance, known)
