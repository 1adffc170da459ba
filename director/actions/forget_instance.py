"""Remove the record of an instance that has no VM and no disk left. Makes no call: the journal entry is the record.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgetInstance(InstanceWork[Result]):
    """Remove the record of an instance that has no VM and no disk left.

    Makes no call: the journal entry is the record.
    """

    kind: Literal["forget_instance"] = "forget_instance"
    facts: ClassVar = WorkFacts(
        verb="forget", noun="instance", doing="forgetting instance", sign="-", estimate_s=0.0, is_dirtying=False
    )

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The instance is gone."""
        return replace(state, instances=tuple(one for one in state.instances if one.id != self.instance))
