"""Faults in a plan, in settings or in an OpenStack, beside those that were planted in a real one and recorded.

Takes settings and an OpenStack of canned answers, gives what preflight says.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from cpi.clouds.openstack.connect import connect_cloud
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Json, Send
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.clouds.openstack.wire.keystone_tokens import KeystoneToken
from cpi.clouds.openstack.wire.refusals import Asked
from cpi.contract.errors import NotFoundError
from cpi.contract.landing_parts import ImageSource
from cpi.contract.values import (
    Finding,
    JsonValue,
    LandingResource,
    NetworkKind,
    NetworkSettings,
    PreflightRequest,
    StemcellCid,
    StemcellRequest,
    VmRequest,
)
from tests.unit.cpi.clouds.openstack.canned import LISTS, STEMCELL, CannedApi
from tests.unit.cpi.clouds.openstack.requests import OWNER, settings, vm_request

_NOTHING_USED = {
    **{f"maxTotal{name}": 100000 for name in ("Instances", "Cores", "RAMSize", "Volumes", "VolumeGigabytes")},
    **{f"total{name}Used": 0 for name in ("Instances", "Cores", "RAM", "Volumes", "Gigabytes")},
}
_QUOTA = {name: {"used": 0, "limit": 100} for name in ("network", "router", "subnet", "port", "security_group")}
_SUBNET = {"id": "s", "cidr": "10.0.0.0/16", "allocation_pools": [{"start": "10.0.0.2", "end": "10.0.255.254"}]}


class PlantedApi(CannedApi):
    """Answers with room for everything; `answers` by path come first, `denied` are refused."""

    def __init__(self, config: OpenStackConfig, stand: "Stand") -> None:
        super().__init__(config)
        self._stand = stand
        self.tags = stand.tags

    def sign_in(self) -> None:
        """It is let in."""

    def login(self) -> KeystoneToken | None:
        """By a password."""
        return None

    def ahead_s(self) -> float:
        """The cloud's clock."""
        return self._stand.ahead_s

    def has_service(self, service: str) -> bool:
        """All of them."""
        return True

    def list_stored(self, path: str, **query: str) -> Iterator[str]:
        """No containers."""
        return iter(())

    def _json(self, service: str, asked: Asked, send: Send) -> Json:
        if asked.path in self._stand.missing:
            raise NotFoundError("not-found", "It is not there.")
        if asked.path in self._stand.answers and "router:external" not in send.query:
            return self._stand.answers[asked.path]
        if asked.path == "/os-keypairs":
            return {"keypairs": []}
        if asked.path == "/limits":
            return {"limits": {"absolute": _NOTHING_USED}}
        if asked.path.startswith("/lbaas/quotas/"):
            return {"quota": {"loadbalancer": -1, "listener": 20, "pool": 20, "healthmonitor": None, "member": 50}}
        if asked.path in ("/lbaas/loadbalancers", "/lbaas/listeners", "/lbaas/healthmonitors"):
            return {asked.path.rpartition("/")[2]: []}
        if asked.path.startswith("/quotas/"):
            return {"quota": {**_QUOTA, "floatingip": _QUOTA["port"]}}
        return {"subnets": [_SUBNET]} if asked.path == "/subnets" else super()._json(service, asked, send)


@dataclass(slots=True, kw_only=True)
class Stand:
    """A plan, settings, and what this OpenStack answers otherwise than usual."""

    folder: Path
    vm: VmRequest = field(default_factory=lambda: replace(vm_request(), stemcell_cid=STEMCELL))
    request: PreflightRequest = field(default_factory=PreflightRequest)
    settings: dict[str, JsonValue] = field(default_factory=lambda: {"external_network": "outside", "container": False})
    answers: dict[str, Json] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    tags: dict[str, str] = field(default_factory=dict)
    ahead_s: float = 0.0
    others: tuple[VmRequest, ...] = ()

    def findings(self) -> tuple[Finding, ...]:
        """What preflight says; it changes nothing."""
        config = settings(**self.settings)
        api = PlantedApi(config, self)
        preflight = connect_cloud(config, OWNER.environment, api=api).preflight
        assert preflight is not None
        found = preflight.preflight(replace(self.request, vms=(self.vm, *self.others)))
        assert api.calls == []
        return found

    def set_vm(self, **properties: JsonValue) -> None:
        """Cloud properties of the VM."""
        self.vm = replace(self.vm, cloud_properties={**self.vm.cloud_properties, **properties})

    def set_tags(self, **tags: str) -> None:
        """Tags of the VM, beside the others."""
        self.vm = replace(self.vm, tags={**self.vm.tags, **tags})

    def add_stemcell(self, path: Path) -> None:
        """A stemcell to send."""
        stemcell = StemcellRequest(owner=OWNER, os="own", version="1", image_path=str(path))
        self.request = replace(self.request, stemcells=(stemcell,))

    def add_image(self, source: ImageSource) -> None:
        """An image of a template."""
        stemcell = StemcellRequest(owner=OWNER, os="image-web", version="1", source=source)
        self.request = replace(self.request, stemcells=(stemcell,))


def _no_server(stand: Stand) -> None:
    place = "6d1f3a0e-4d3c-4a55-9f0d-0c5b1d2e3f40"
    stand.missing = frozenset({f"/servers/{place}"})
    stand.add_image(ImageSource(origin="vm", place=place))


def _no_import(stand: Stand) -> None:
    stand.missing = frozenset({"/info/import"})
    stand.add_image(ImageSource(origin="blob", place="https://blobs.example/web.qcow2"))


def _two_addresses(stand: Stand) -> None:
    second = NetworkSettings(name="second", kind=NetworkKind.VIP, ip="203.0.113.5")
    stand.vm = replace(stand.vm, networks=(*stand.vm.networks, second))


def _without_disk(stand: Stand) -> None:
    flavor = {"id": "f", "name": "m1.small", "disk": 0, "vcpus": 1, "ram": 1024}
    stand.answers["/flavors/detail"] = {"flavors": [flavor]}
    stand.set_vm(boot_from_volume=True)


def _name_taken(stand: Stand) -> None:
    stand.request = replace(stand.request, landing=(LandingResource(kind="network", name="more"),))
    theirs = {"id": "theirs", "name": names.landing_name(OWNER.environment, "more")}
    stand.answers["/networks"] = {"networks": [*LISTS["/networks"]["networks"], theirs]}


def _two_ways_out(stand: Stand) -> None:
    del stand.settings["external_network"]
    stand.request = PreflightRequest(landing=(LandingResource(kind="router", name="router"),))


def _wrong_format(stand: Stand) -> None:
    path = stand.folder / "image"
    path.write_bytes(b"no disk at all" * 100)
    stand.add_stemcell(path)


def _environments_tags(stand: Stand) -> None:
    stand.tags = {"team": "blue"}
    stand.missing = frozenset({"/extensions/standard-attr-tag"})


def _untagged_volume(stand: Stand) -> None:
    stand.tags = {"team": "blue"}
    stand.set_vm(root_disk={"size": 20})


def _two_words_for_a_network(stand: Stand) -> None:
    public, private = stand.vm.networks
    both = replace(private, cloud_properties={"net_id": "net-1", "network": "default"})
    stand.vm = replace(stand.vm, networks=(public, both))


def _pools(stand: Stand, count: int) -> None:
    """So many pools of the name that the VM is to be in."""
    stand.answers["/lbaas/pools"] = {"pools": [{"id": f"pool-{number}", "name": "web"} for number in range(count)]}
    stand.set_vm(loadbalancer_pools=[{"name": "web", "port": 80}])


def _at(stand: Stand, address: str) -> None:
    """The VM at this address of a subnet with a gateway and a DHCP server."""
    subnet = {"id": "s", "cidr": "10.0.0.0/24", "gateway_ip": "10.0.0.1", "allocation_pools": []}
    dhcp = {"id": "d", "device_id": "dhcp-1", "device_owner": "network:dhcp", "fixed_ips": [{"ip_address": "10.0.0.2"}]}
    stand.answers |= {"/subnets": {"subnets": [subnet]}, "/ports": {"ports": [dhcp]}}
    public, private = stand.vm.networks
    stand.vm = replace(stand.vm, networks=(public, replace(private, ip=address)))


def coming(stand: Stand, address: str, *, cidr: str = "10.7.0.0/24") -> None:
    """The VM at this address of a network that the plan makes."""
    subnet = {"network": "fresh", "cidr": cidr}
    stand.request = replace(
        stand.request,
        landing=(
            LandingResource(kind="network", name="fresh"),
            LandingResource(kind="subnet", name="fresh-subnet", properties=subnet),
        ),
    )
    _, private = stand.vm.networks
    there = replace(private, name="fresh", ip=address, cloud_properties={})
    stand.vm = replace(stand.vm, networks=(there,))


def _own_group(stand: Stand, *rules: Mapping[str, JsonValue], is_inside: bool = False, vms: int = 1) -> None:
    """The operator's own security group with these rules; it is entered from outside unless `is_inside`."""
    group = {"id": "own", "name": "own", "security_group_rules": [{"direction": "ingress", **rule} for rule in rules]}
    stand.answers["/security-groups"] = {"security_groups": [group]}
    stand.set_vm(security_groups=["own"])
    stand.request = replace(stand.request, direct=frozenset({OWNER}), is_inside=is_inside)
    if vms > 1:
        _, private = stand.vm.networks
        other = replace(private, ip="10.0.0.11")
        stand.others = (replace(stand.vm, name="web-1", networks=(other,)),)


_SSH: Mapping[str, JsonValue] = {"protocol": "tcp", "port_range_min": 22, "port_range_max": 22}
_WEB: Mapping[str, JsonValue] = {"protocol": "tcp", "port_range_min": 80, "port_range_max": 443}


def _open_wider(stand: Stand) -> None:
    _own_group(stand, {**_SSH, "remote_ip_prefix": "0.0.0.0/0"})
    stand.settings["public_sources"] = ["203.0.113.0/24"]


def _shared(stand: Stand, *changes: Mapping[str, Any]) -> None:
    """Networks of one nic_group."""
    public, private = stand.vm.networks
    usual = {"nic_group": "1", "cloud_properties": {"net_id": "net-1"}}
    more = (replace(private, **{**usual, "name": f"n{at}", **each}) for at, each in enumerate(changes))
    stand.vm = replace(stand.vm, networks=(public, *more))


def _slaac(stand: Stand) -> None:
    subnet = {**_SUBNET, "id": "six", "cidr": "fd00::/64", "allocation_pools": [], "ipv6_address_mode": "slaac"}
    stand.answers["/subnets"] = {"subnets": [_SUBNET, subnet]}
    _shared(stand, {}, {"ip": "fd00::5", "gateway": "", "cloud_properties": {}})


PLANTED: Mapping[str, Callable[[Stand], object]] = {
    "unknown-load-balancer-pool": lambda stand: _pools(stand, 0),
    "load-balancer-pool-ambiguous": lambda stand: _pools(stand, 2),
    "address-reserved:gateway": lambda stand: _at(stand, "10.0.0.1"),
    "address-reserved:dhcp": lambda stand: _at(stand, "10.0.0.2"),
    "address-reserved:broadcast": lambda stand: _at(stand, "10.0.0.255"),
    "address-reserved:coming": lambda stand: coming(stand, "10.7.0.1"),
    "address-outside-network:coming": lambda stand: coming(stand, "10.8.0.9"),
    "network-range-invalid": lambda stand: coming(stand, "10.7.0.9", cidr="10.7.0.1/24"),
    "ssh-port-closed": lambda stand: _own_group(stand, _WEB, is_inside=True),
    "ssh-port-closed:source": lambda stand: _own_group(stand, {**_SSH, "remote_group_id": "own"}),
    "address-not-choosable": _slaac,
    "nic-group-dynamic": lambda stand: _shared(stand, {}, {"kind": NetworkKind.DYNAMIC, "ip": None}),
    "nic-group-address-twice": lambda stand: _shared(stand, {}, {"ip": "10.0.0.77"}),
    "nic-group-subnets-differ": lambda stand: _shared(
        stand, {}, {"ip": "fd00::5", "gateway": "", "cloud_properties": {"network": "other"}}
    ),
    "prefix-size-unsupported": lambda stand: _shared(stand, {}, {"ip": "10.0.0.32", "block_bits": 28}),
    "zones-written-twice": lambda stand: stand.set_vm(availability_zone="a", availability_zones=["b"]),
    "root-disk-without-volume": lambda stand: stand.set_vm(boot_from_volume=False, root_disk={"size": 10}),
    "root-volume-type-not-supported": lambda stand: stand.set_vm(root_disk={"size": 10, "type": "ssd"}),
    "root-volume-without-size": _without_disk,
    "tags-not-supported": _environments_tags,
    "name-taken": _name_taken,
    "too-many-public-addresses": _two_addresses,
    "too-many-tags": lambda stand: stand.set_tags(**{f"t{number}": "x" for number in range(130)}),
    "tag-too-long": lambda stand: stand.set_tags(note="x" * 256),
    "tag-not-allowed": lambda stand: stand.set_tags(**{"a/b\n": "x"}),
    "unknown-image-source": _no_server,
    "image-source-unfit": _no_import,
    "image-not-readable": lambda stand: stand.add_stemcell(stand.folder / "absent"),
    "image-format-wrong": _wrong_format,
    "external-network-unclear": _two_ways_out,
    "foreign-cid": lambda stand: setattr(
        stand, "vm", replace(stand.vm, stemcell_cid=StemcellCid("ami-0123456789abcdef0"))
    ),
}
"""What forbids, by its code."""

REMARKS: Mapping[str, Callable[[Stand], object]] = {
    "clock-skew": lambda stand: setattr(stand, "ahead_s", 900.0),
    "health-port-closed": lambda stand: _own_group(stand, _SSH, vms=2),
    "ssh-open-wider": _open_wider,
    "property-unused": _two_words_for_a_network,
    "setting-unused": lambda stand: stand.settings.update(state_timeout=300),
    "root-volume-without-tags": _untagged_volume,
}
"""What forbids nothing."""
