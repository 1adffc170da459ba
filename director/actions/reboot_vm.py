"""Reboot an instance's VM; its disks stay attached.

Takes nothing, gives a frozen value with its facts and its result.
"""

from typing import ClassVar, Literal

from cpi.contract.value_classes import dataclass
from director.model.cloud_names import ONLY_CLOUD, CloudName
from director.model.tasks.work import CidResult, CloudWork, Family, InstanceWork, WorkFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RebootVm(CloudWork[CidResult], InstanceWork[CidResult]):
    """Reboot an instance's VM; its disks stay attached."""

    cloud: CloudName = ONLY_CLOUD
    kind: Literal["reboot_vm"] = "reboot_vm"
    facts: ClassVar = WorkFacts(
        verb="reboot",
        noun="vm",
        doing="rebooting VM",
        estimate_s=30.0,
        family=Family.COMPUTE,
        is_event=True,
        needs_consent=True,
        is_dirtying=False,
    )
    result: ClassVar = CidResult
