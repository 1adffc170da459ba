"""The memory cloud with bodies: the least emulator there is, for trying bodies and the director on a foreign cloud.

Takes bodies, gives a connected cloud. As on a real cloud the machine knows neither its public address nor, before its
user data ran, its users; and the cloud does not know the machine's host key.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from cpi.clouds.memory import connect
from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.landing import MemoryLanding, MemoryPart
from cpi.clouds.memory.rules import MemoryImage, Rules
from cpi.contract.cloud import ConnectedCloud
from cpi.contract.values import (
    DiskCid,
    Endpoint,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    VmCid,
    VmCreated,
    VmRequest,
)
from cpi.kit import user_data
from tests.support.bodies.bodies import Bodies
from tests.support.bodies.values import Instance, Interface, Volume


class BodiedCloud(MemoryCloud):
    """`reached` tells for each public address where it is on this machine."""

    def __init__(self, bodies: Bodies) -> None:
        super().__init__(Rules(images={"default": MemoryImage(os="memory-linux", version="1.0")}))
        self.reached: dict[str, str] = {}
        self._bodies = bodies

    def create_vm(self, request: VmRequest) -> VmCreated:
        created = replace(super().create_vm(request), host_key=None)
        if created.cid not in self._bodies.standing():
            held = self.resources.vms[created.cid]
            self.resources.vms[created.cid] = replace(held, found=replace(held.found, created=created))
            self._give_body(created, request)
        return created

    def delete_vm(self, cid: VmCid) -> None:
        super().delete_vm(cid)
        self._bodies.delete(cid)

    def vanish_vm(self, cid: VmCid) -> None:
        super().vanish_vm(cid)
        self._bodies.delete(cid)

    def reboot_vm(self, cid: VmCid) -> None:
        super().reboot_vm(cid)
        self._bodies.reboot(cid)

    def stop_vm(self, cid: VmCid) -> None:
        super().stop_vm(cid)
        self._bodies.stop(cid)

    def start_vm(self, cid: VmCid) -> None:
        super().start_vm(cid)
        self._bodies.power_on(cid)

    def attach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> str:
        hint = super().attach_disk(vm_cid, disk_cid)
        size_mib = self.resources.disk(disk_cid).found.size_mib
        self._bodies.attach(Volume(id=disk_cid, size_mib=size_mib, paths=(hint,)), vm_cid)
        return hint

    def detach_disk(self, vm_cid: VmCid, disk_cid: DiskCid) -> None:
        self._bodies.detach(disk_cid, vm_cid)
        super().detach_disk(vm_cid, disk_cid)

    def delete_disk(self, cid: DiskCid) -> None:
        super().delete_disk(cid)
        self._bodies.delete_volume(cid)

    def _give_body(self, created: VmCreated, request: VmRequest) -> None:
        script = user_data.boot_script(request.ssh, host_name=request.name).encode()
        cards = tuple(_card(network) for network in created.networks if network.kind is not NetworkKind.VIP)
        self._bodies.start(Instance(id=created.cid, interfaces=cards, user_data=script))
        for network in created.networks:
            if network.kind is NetworkKind.VIP:
                self._bodies.associate(self.reached[str(network.ip)], created.cid)


class BodiedPart(MemoryPart):
    """Its public addresses are the machine's own."""

    def __init__(self, cloud: MemoryCloud, kind: str, *, reached: dict[str, str], bodies: Bodies) -> None:
        super().__init__(cloud, kind)
        self._reached = reached
        self._bodies = bodies

    def outputs_for(self, resource: LandingResource) -> Mapping[str, str]:
        outputs = dict(super().outputs_for(resource))
        if resource.kind == "public_address":
            address = self._reached[outputs["address"]] = self._bodies.addresses.reserve()
            outputs[f"{resource.name}_public_host"] = address
        return outputs


class BodiedLanding(MemoryLanding):
    def __init__(self, cloud: BodiedCloud, bodies: Bodies) -> None:
        super().__init__(cloud, partial(BodiedPart, reached=cloud.reached, bodies=bodies))
        self._reached = cloud.reached

    def endpoint_of(self, address: str, port: int) -> Endpoint:
        return Endpoint(host=self._reached[address], port=port)


def connect_cloud(cloud: BodiedCloud, bodies: Bodies) -> ConnectedCloud:
    """All abilities of the memory cloud."""
    return replace(connect.connect_cloud(cloud), landing=BodiedLanding(cloud, bodies))


def _card(network: NetworkSettings) -> Interface:
    cidr = f"{network.ip}/{network.prefix}"
    return Interface(ip=str(network.ip), cidr=str(ipaddress.ip_interface(cidr).network), gateway=network.gateway)
