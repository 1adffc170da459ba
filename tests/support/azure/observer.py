"""The observer that gives the stand-in's VMs a body sees their changes, and may choose public addresses.

Takes nothing, gives the protocol and an observer that does nothing. Calls come from the server's threads, one at a time
for each VM and outside the store's lock; a VM is "started" when its long-running operation ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from tests.support.inbound_rules import Inbound


@dataclass(frozen=True, slots=True, kw_only=True)
class NicFacts:
    """A network interface as a VM has it. `public_ip` is "" without one."""

    id: str
    private_ip: str
    subnet_cidr: str
    subnet_id: str
    public_ip: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VmFacts:
    """A VM at its start. `custom_data` and `user_data` are decoded bytes; disks are (lun, id of the disk)."""

    id: str
    name: str
    computer_name: str
    nics: tuple[NicFacts, ...]
    custom_data: bytes = b""
    user_data: bytes = b""
    data_disks: tuple[tuple[int, str], ...] = ()


class Observer(Protocol):
    """Every method may raise: the operation at hand then fails with the words of what was raised."""

    def choose_public_ip(self, public_ip_id: str) -> str:
        """The address to give; "" lets the stand-in choose."""

    def inbound_changed(self, inbound: Mapping[str, Inbound]) -> None:
        """What is let in now, by private address: of every interface there is."""

    def vm_started(self, vm: VmFacts) -> None: ...

    def vm_stopped(self, vm_id: str) -> None: ...

    def vm_restarted(self, vm_id: str) -> None: ...

    def vm_deleted(self, vm_id: str) -> None: ...

    def public_ip_associated(self, address: str, nic: NicFacts) -> None: ...

    def public_ip_dissociated(self, address: str, nic_id: str) -> None: ...

    def disk_attached(self, vm_id: str, lun: int, disk_id: str) -> None: ...

    def disk_detached(self, vm_id: str, lun: int, disk_id: str) -> None: ...

    def disk_deleted(self, disk_id: str) -> None: ...

    def console_log(self, vm_id: str) -> str:
        """What the VM printed; "" lets the stand-in invent something."""


class NoObserver:
    """No observer."""

    def choose_public_ip(self, public_ip_id: str) -> str:
        return ""

    def inbound_changed(self, inbound: Mapping[str, Inbound]) -> None:
        """Nothing follows."""

    def vm_started(self, vm: VmFacts) -> None:
        """Nothing follows."""

    def vm_stopped(self, vm_id: str) -> None:
        """Nothing follows."""

    def vm_restarted(self, vm_id: str) -> None:
        """Nothing follows."""

    def vm_deleted(self, vm_id: str) -> None:
        """Nothing follows."""

    def public_ip_associated(self, address: str, nic: NicFacts) -> None:
        """Nothing follows."""

    def public_ip_dissociated(self, address: str, nic_id: str) -> None:
        """Nothing follows."""

    def disk_attached(self, vm_id: str, lun: int, disk_id: str) -> None:
        """Nothing follows."""

    def disk_detached(self, vm_id: str, lun: int, disk_id: str) -> None:
        """Nothing follows."""

    def disk_deleted(self, disk_id: str) -> None:
        """Nothing follows."""

    def console_log(self, vm_id: str) -> str:
        return ""
