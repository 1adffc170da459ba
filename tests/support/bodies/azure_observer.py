"""The Azure stand-in's observer, which gives each VM a body.

Takes the stand-in's events, changes bodies. Ids are compared without case, as Azure does.
"""

from collections.abc import Mapping

from tests.support.azure.observer import NicFacts, VmFacts
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface, Volume
from tests.support.inbound_rules import Inbound

_SIZE_MIB = 1024  # a directory is as large as its content


class BodyObserver:
    """Implements Observer of tests.support.azure."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    def inbound_changed(self, inbound: Mapping[str, Inbound]) -> None:
        self._bodies.guard(inbound)

    def choose_public_ip(self, public_ip_id: str) -> str:
        return self._bodies.addresses.reserve()

    def vm_started(self, vm: VmFacts) -> None:
        id_ = vm.id.lower()
        if id_ in self._bodies.standing():
            self._bodies.power_on(id_)
        else:
            cards = tuple(Interface(ip=nic.private_ip, cidr=nic.subnet_cidr) for nic in vm.nics)
            self._bodies.start(Instance(id=id_, interfaces=cards, user_data=vm.custom_data or vm.user_data))
        for nic in vm.nics:
            if nic.public_ip:
                self._bodies.addresses.lead(nic.public_ip, nic.private_ip)
        for lun, disk in vm.data_disks:
            self.disk_attached(vm.id, lun, disk)

    def vm_stopped(self, vm_id: str) -> None:
        self._bodies.stop(vm_id.lower())

    def vm_restarted(self, vm_id: str) -> None:
        self._bodies.reboot(vm_id.lower())

    def vm_deleted(self, vm_id: str) -> None:
        self._bodies.delete(vm_id.lower())

    def public_ip_associated(self, address: str, nic: NicFacts) -> None:
        self._bodies.addresses.lead(address, nic.private_ip)

    def public_ip_dissociated(self, address: str, nic_id: str) -> None:
        self._bodies.addresses.lead(address, "")

    def disk_attached(self, vm_id: str, lun: int, disk_id: str) -> None:
        volume = Volume(id=disk_id.lower(), size_mib=_SIZE_MIB, paths=(f"/dev/disk/azure/scsi1/lun{lun}",))
        self._bodies.attach(volume, vm_id.lower())

    def disk_detached(self, vm_id: str, lun: int, disk_id: str) -> None:
        self._bodies.detach(disk_id.lower(), vm_id.lower())

    def disk_deleted(self, disk_id: str) -> None:
        self._bodies.delete_volume(disk_id.lower())

    def console_log(self, vm_id: str) -> str:
        return self._bodies.console(vm_id.lower())
