"""Render the instance's templates and install them; jobs and packages become those of the spec.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.environments import state_changes
from director.model.environments.instance_spec import InstanceSpec
from director.model.environments.state import Applied, DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import InstanceWork, Result, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply(InstanceWork[Result]):
    """Render the instance's templates and install them; jobs and packages become those of the spec."""

    spec: InstanceSpec
    applied: Applied
    kind: Literal["apply"] = "apply"
    facts: ClassVar = WorkFacts(verb="update", noun="instance", doing="applying templates", is_event=True)

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The instance has these jobs and packages."""
        return state_changes.change_instance(state, self.instance, lambda record: replace(record, applied=self.applied))
