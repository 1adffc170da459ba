"""The AWS emulator's observer, which gives each instance a body.

Takes the emulator's events, changes bodies. Instances are of Nitro kinds: a volume shows as NVMe, by its serial.
"""

from collections.abc import Mapping

from tests.support.aws.observers import Started
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface, Volume
from tests.support.inbound_rules import Inbound

_SIZE_MIB = 1024  # a directory is as large as its content


class BodyObserver:
    """Implements Observer of tests.support.aws."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies

    def inbound_changed(self, inbound: Mapping[str, Inbound]) -> None:
        self._bodies.guard(inbound)

    def instance_started(self, started: Started) -> None:
        if started.instance in self._bodies.standing():
            self._bodies.power_on(started.instance)
            return
        cards = tuple(Interface(ip=each.address, cidr=each.cidr) for each in started.interfaces)
        self._bodies.start(Instance(id=started.instance, interfaces=cards, user_data=started.user_data))

    def instance_stopped(self, instance: str) -> None:
        self._bodies.stop(instance)

    def instance_rebooted(self, instance: str) -> None:
        self._bodies.reboot(instance)

    def instance_terminated(self, instance: str) -> None:
        self._bodies.delete(instance)

    def address_associated(self, address: str, instance: str) -> None:
        self._bodies.associate(address, instance)

    def address_disassociated(self, address: str) -> None:
        self._bodies.addresses.lead(address, "")

    def volume_attached(self, volume: str, instance: str, *, device: str) -> None:
        path = f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume.replace('-', '')}"
        self._bodies.attach(Volume(id=volume, size_mib=_SIZE_MIB, paths=(path,)), instance)

    def volume_detached(self, volume: str, instance: str) -> None:
        self._bodies.detach(volume, instance)

    def console_of(self, instance: str) -> str | None:
        return self._bodies.console(instance)

    def next_public_address(self) -> str:
        return self._bodies.addresses.reserve()
