"""Generate or change a variable unless the vault has that version of it, or a later one.

Takes nothing, gives a frozen value with its facts and its fold.
"""

from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.ca_transition import SecretChange
from director.model.environments.desired import VariableSpec
from director.model.environments.state import DeploymentState, SecretRecord
from director.model.ids import ActionId
from director.model.tasks.work import Result, WorkFacts, WorkOf


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeSecret(WorkOf[Result]):
    """Generate or change a variable unless the vault has that version of it, or a later one."""

    variable: VariableSpec
    version: int = 1
    change: SecretChange = SecretChange.GENERATE
    kind: Literal["make_secret"] = "make_secret"
    facts: ClassVar = WorkFacts(verb="create", noun="variable", doing="generating variable", sign="+", is_event=True)

    def fold(self, state: DeploymentState, action: ActionId, result: Result) -> DeploymentState:
        """The deployment has that version now."""
        made = SecretRecord(version=self.version, type=self.variable.type, options=self.variable.options)
        return replace(state, secrets={**state.secrets, self.variable.name: made})
