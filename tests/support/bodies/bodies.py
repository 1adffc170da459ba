"""Bodies: a VM of the local cloud's kind for every instance of an emulated cloud.

Takes what the emulator was given (addresses, user data, volumes), gives machines that answer SSH there. A body holds
no key but what its user data put there.
"""

import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from cpi.clouds.local.inside.vms import disk_mounts
from cpi.contract.values import (
    DiskCid,
    DiskRequest,
    NetworkKind,
    NetworkSettings,
    OwnerQuery,
    SshAccess,
    VmCid,
    VmRequest,
    VmState,
)
from tests.support.bodies import firewall, first_boot, ground
from tests.support.bodies.ground import Ground
from tests.support.bodies.outlets import Outlets
from tests.support.bodies.public_addresses import PublicAddresses
from tests.support.bodies.values import Instance, Interface, Volume
from tests.support.inbound_rules import NOTHING, Inbound


@dataclass(slots=True, kw_only=True)
class _Body:
    cid: VmCid
    cards: tuple[Interface, ...]
    booting: threading.Thread
    volumes: dict[str, Volume] = field(default_factory=dict)

    @property
    def ip(self) -> str:
        return self.cards[0].ip


class Bodies:
    """An instance goes by its id in the emulator. Safe to call from several threads.

    Each call is over when the machine is as the emulator says it is; only a first boot continues after `start`, so SSH
    answers a moment before the key is there, as on a real cloud. Its errors are raised by `close`.
    """

    def __init__(self) -> None:
        self._ground: Ground = ground.open_ground()
        self._lock = threading.RLock()
        self._bodies: dict[str, _Body] = {}
        self._troubles: list[str] = []
        self._inbound: Mapping[str, Inbound] | None = None
        self.addresses = PublicAddresses(self._ground)
        self.outlets = Outlets(self._ground)
        self.folder = self._ground.folder

    def start(self, instance: Instance) -> None:
        """Make its machine and boot it for the first time."""
        with self._lock:
            request = VmRequest(
                name=f"ip-{instance.interfaces[0].ip.replace('.', '-')}",
                owner=ground.owner_of(instance.id),
                agent_id=instance.id,
                stemcell_cid=self._ground.stemcell(),
                networks=tuple(self._card(number, each) for number, each in enumerate(instance.interfaces)),
                ssh=SshAccess(user="root", public_key=""),
            )
            created = self._ground.connected.cloud.create_vm(request)
            self.outlets.open(created.cid)
            booting = threading.Thread(target=self._boot, args=(created.cid, instance))
            self._bodies[instance.id] = _Body(cid=created.cid, cards=instance.interfaces, booting=booting)
            self._shield(self._bodies[instance.id])
            booting.start()
            self.addresses.open_all()

    def stop(self, vm: str) -> None:
        """Switch it off; off before is success."""
        with self._lock:
            cid = self._booted(vm).cid
            self.outlets.close(cid)
            self._ground.power.stop_vm(cid)

    def power_on(self, vm: str) -> None:
        """Switch it on again, with the disks it had; on before is success."""
        with self._lock:
            body = self._booted(vm)
            self._ground.power.start_vm(body.cid)
            self.outlets.close(body.cid)
            self.outlets.open(body.cid)
            self._shield(body)
            first_boot.run_again(self._ground, body.cid)
            for volume in body.volumes.values():
                self._show(body, volume)

    def reboot(self, vm: str) -> None:
        with self._lock:
            self.stop(vm)
            self.power_on(vm)

    def delete(self, vm: str) -> None:
        """Pull the plug and remove it; its volumes stay. Gone before is success."""
        with self._lock:
            body = self._bodies.pop(vm, None)
            if body is not None:
                body.booting.join()
                self.addresses.cut(body.ip)
                self.outlets.close(body.cid)
                self._ground.connected.cloud.delete_vm(body.cid)

    def guard(self, inbound: Mapping[str, Inbound]) -> None:
        """Obey security groups: by private address, what they let in. Without a first call, all comes in."""
        with self._lock:
            changed = {ip for ip in inbound if self._inbound is None or self._inbound.get(ip) != inbound[ip]}
            self._inbound = dict(inbound)
            for body in self._bodies.values():
                if any(card.ip in changed for card in body.cards) and self._ground.first_process(body.cid):
                    self._shield(body)
            self.addresses.guard(inbound)

    def associate(self, address: str, vm: str) -> None:
        """Let the public address lead to the instance's first card."""
        with self._lock:
            self.addresses.lead(address, self._bodies[vm].ip)

    def attach(self, volume: Volume, vm: str) -> None:
        """Give it the volume, made at its first use; attached before is success."""
        with self._lock:
            body, cloud = self._booted(vm), self._ground.connected.cloud
            disk = cloud.create_disk(DiskRequest(owner=ground.owner_of(volume.id), size_mib=volume.size_mib))
            cloud.attach_disk(body.cid, disk)
            body.volumes[volume.id] = volume
            if self._ground.first_process(body.cid):
                self._show(body, volume)

    def detach(self, volume_id: str, vm: str) -> None:
        """Take the volume away; it stays with its content. Raises ConflictError while the guest has it mounted."""
        with self._lock:
            body = self._bodies.get(vm)
            volume = body.volumes.get(volume_id) if body else None
            if body is None or volume is None:
                return
            self._ground.connected.cloud.detach_disk(body.cid, self._disk(volume_id))
            del body.volumes[volume_id]
            if self._ground.first_process(body.cid):
                first_boot.hide_disk(self._ground, body.cid, volume.paths)

    def delete_volume(self, volume_id: str) -> None:
        """Remove a detached volume with its content; never attached is success."""
        with self._lock:
            query = OwnerQuery(environment=ground.owner_of("").environment)
            for disk in self._ground.finder.find_disks(query):
                if disk.owner == ground.owner_of(volume_id):
                    self._ground.connected.cloud.delete_disk(disk.cid)

    def standing(self) -> dict[str, VmState]:
        """Which instances have a machine, and whether it runs: by the local cloud's own word."""
        query = OwnerQuery(environment=ground.owner_of("").environment)
        return {vm.owner.action: vm.state for vm in self._ground.finder.find_vms(query)}

    def console(self, vm: str) -> str:
        """What its first processes printed, all of its boots."""
        body = self._bodies.get(vm)
        return self._ground.console.console_log(body.cid) if body else ""

    def run(self, vm: str, script: str) -> str:
        """The output of a script that runs as root on the machine, without a login."""
        return first_boot.run(self._ground, self._booted(vm).cid, script)

    def network_of(self, vm: str) -> str:
        """The file of the network namespace that its machine is in."""
        return f"/proc/{self._ground.first_process(self._booted(vm).cid)}/ns/net"

    def close(self) -> None:
        """Remove all of them. Raises AssertionError with what is left on this machine nevertheless, or went wrong."""
        with self._lock:
            for vm in tuple(self._bodies):
                self.outlets.close(self._booted(vm).cid)
            self._bodies.clear()
            self._ground.clear()
            assert self._troubles == [], f"first boots that failed: {self._troubles}"

    def _boot(self, cid: VmCid, instance: Instance) -> None:
        try:
            first_boot.run_first(self._ground, cid, instance.user_data)
        except (RuntimeError, OSError, subprocess.SubprocessError) as error:
            self._troubles.append(f"{instance.id}: {error}")

    def _shield(self, body: _Body) -> None:
        """An interface that no security group was heard of for lets nothing in."""
        if self._inbound is not None:
            shields = [firewall.Shield(inbound=self._inbound.get(one.ip, NOTHING), card=one) for one in body.cards]
            firewall.raise_shields(self._ground, body.cid, shields)

    def _booted(self, vm: str) -> _Body:
        """The instance's body, once its first boot is over."""
        body = self._bodies[vm]
        body.booting.join()
        return body

    def _card(self, number: int, interface: Interface) -> NetworkSettings:
        return NetworkSettings(
            name=f"eth{number}",
            kind=NetworkKind.MANUAL,
            ip=interface.ip,
            prefix=interface.prefix,
            gateway=interface.router,
            defaults=("dns", "gateway") if number == 0 else (),
            cloud_properties={"network": self._ground.network(interface.cidr)},
        )

    def _show(self, body: _Body, volume: Volume) -> None:
        place = disk_mounts.path_in_vm(self._disk(volume.id))
        first_boot.show_disk(self._ground, body.cid, place=place, paths=volume.paths)

    def _disk(self, volume_id: str) -> DiskCid:
        query = OwnerQuery(environment=ground.owner_of("").environment)
        owner = ground.owner_of(volume_id)
        return next(disk.cid for disk in self._ground.finder.find_disks(query) if disk.owner == owner)
