"""Put tags on an instance's VM, beside the owner key.

Takes nothing, gives a frozen value with its facts, its result and its fold.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.environments import state_changes
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId
from director.model.tasks.work import CidResult, CloudWork, Family, InstanceWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SetVmMetadata(CloudWork[CidResult], InstanceWork[CidResult]):
    """Put tags on an instance's VM, beside the owner key."""

    cloud: CloudName = ONLY_CLOUD
    tags: Mapping[str, str]
    kind: Literal["set_vm_metadata"] = "set_vm_metadata"
    facts: ClassVar = WorkFacts(
        verb="tag", noun="vm", doing="tagging VM", family=Family.ATTACH, is_event=True, is_dirtying=False
    )
    result: ClassVar = CidResult

    def fold(self, state: DeploymentState, action: ActionId, result: CidResult) -> DeploymentState:
        """The VM has these tags too."""
        vm = state_changes.vm_of(state, self.instance)
        if vm is None:
            return state
        return state_changes.put_vm(state, self.instance, replace(vm, tags={**vm.tags, **self.tags}))
