"""What is wrong between a deployment's records and its cloud, and the ways to resolve it, in BOSH's words.

Takes nothing, gives frozen values. Source: cloudfoundry/bosh problem_scanner/*, problem_handlers/*.
"""

from collections.abc import Mapping
from enum import Enum

from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskCid
from director.model.ids import InstanceId


class ProblemType(Enum):
    """BOSH's types, and one of our own: an update that began and did not end."""

    MISSING_VM = "missing_vm"
    UNRESPONSIVE_AGENT = "unresponsive_agent"
    UNFINISHED_UPDATE = "unfinished_update"
    MISSING_DISK = "missing_disk"
    INACTIVE_DISK = "inactive_disk"
    MOUNT_INFO_MISMATCH = "mount_info_mismatch"


class Resolution(Enum):
    """By BOSH's names."""

    IGNORE = "ignore"
    RECREATE_VM_WITHOUT_WAIT = "recreate_vm_without_wait"
    RECREATE_VM = "recreate_vm"
    REBOOT_VM = "reboot_vm"
    DELETE_VM = "delete_vm"
    DELETE_VM_REFERENCE = "delete_vm_reference"
    FINISH_UPDATE = "finish_update"
    DELETE_DISK_REFERENCE = "delete_disk_reference"
    DELETE_DISK = "delete_disk"
    ACTIVATE_DISK = "activate_disk"
    REATTACH_DISK = "reattach_disk"
    REATTACH_DISK_AND_REBOOT = "reattach_disk_and_reboot"


RESOLUTIONS: Mapping[ProblemType, tuple[Resolution, ...]] = {
    ProblemType.MISSING_VM: (
        Resolution.IGNORE,
        Resolution.RECREATE_VM_WITHOUT_WAIT,
        Resolution.RECREATE_VM,
        Resolution.DELETE_VM_REFERENCE,
    ),
    ProblemType.UNRESPONSIVE_AGENT: (
        Resolution.IGNORE,
        Resolution.REBOOT_VM,
        Resolution.RECREATE_VM_WITHOUT_WAIT,
        Resolution.RECREATE_VM,
        Resolution.DELETE_VM,
        Resolution.DELETE_VM_REFERENCE,
    ),
    ProblemType.UNFINISHED_UPDATE: (Resolution.IGNORE, Resolution.FINISH_UPDATE),
    ProblemType.MISSING_DISK: (Resolution.IGNORE, Resolution.DELETE_DISK_REFERENCE),
    ProblemType.INACTIVE_DISK: (Resolution.IGNORE, Resolution.DELETE_DISK, Resolution.ACTIVATE_DISK),
    ProblemType.MOUNT_INFO_MISMATCH: (
        Resolution.IGNORE,
        Resolution.REATTACH_DISK,
        Resolution.REATTACH_DISK_AND_REBOOT,
    ),
}
"""What can be done about each type, in the order in which it is offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudProblem:
    """One problem of one instance. `disk_cid` is the disk's, "" for a problem of the VM; `auto` is what --auto does."""

    type: ProblemType
    instance: InstanceId
    name: str
    description: str
    auto: Resolution = Resolution.IGNORE
    vm_cid: str = ""
    disk_cid: DiskCid = DiskCid("")

    @property
    def resolutions(self) -> tuple[Resolution, ...]:
        """What can be done about it."""
        return RESOLUTIONS[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenResolution:
    """A problem, and what is to be done about it."""

    problem: CloudProblem
    resolution: Resolution
