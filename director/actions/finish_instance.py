"""Record that the instance is in its desired state. Makes no call: the journal entry is the record.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.state import Applied, DeploymentState, DesiredPower, InstanceRecord
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishInstance(InstanceWork[Result]):
    """Record that the instance is in its desired state. Makes no call: the journal entry is the record."""

    applied: Applied | None
    wanted: DesiredPower = DesiredPower.STARTED
    kind: Literal["finish_instance"] = "finish_instance"
    facts: ClassVar = WorkFacts(
        verb="finish", noun="instance", doing="finishing instance", estimate_s=0.0, is_dirtying=False
    )

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The instance is as desired."""

        def changed(record: InstanceRecord) -> InstanceRecord:
            applied = record.applied if self.applied is None else self.applied
            return replace(record, applied=applied, wanted=self.wanted, is_dirty=False)

        return state_changes.change_instance(state, self.instance, changed)
