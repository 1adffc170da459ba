"""What a plan's VMs will ask for: flavours, images, addresses, ports; found out before anything is made.

Takes a preflight request, gives findings and sums.
"""

import contextlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.images.images import Images
from cpi.clouds.openstack.landing import balancer_layout, layout
from cpi.clouds.openstack.machines import disks, networks, root_volumes, vms
from cpi.clouds.openstack.machines.load_balancer_pools import LoadBalancerPools
from cpi.clouds.openstack.machines.lookups import Lookups
from cpi.clouds.openstack.machines.networks import PortRequest
from cpi.clouds.openstack.machines.root_volumes import RootVolume
from cpi.clouds.openstack.preflight import inbound, unused_settings
from cpi.clouds.openstack.preflight.named_resources import NamedResources
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import DiskProperties, OpenStackConfig, StemcellProperties, read_properties
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskRequest, Finding, PreflightRequest, VmRequest
from cpi.kit import ipv6, judge
from cpi.kit import tags as owner_tags
from cpi.kit.judge import InboundFacts, WantedInterface
from cpi.kit.network_interfaces import Interface, interfaces_of

CloudAnswer = Mapping[str, Any]

_AUTOMATIC = ("slaac", "dhcpv6-stateless")
_MOST_DISKS = 25
"""A server with virtio has room for so many disks beside its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _NetworkState:
    """A network as it is: who holds which address, and its subnets."""

    network: str
    held: Mapping[str, CloudAnswer]
    subnets: list[CloudAnswer]


class PlanChecks:
    def __init__(
        self, api: Api, config: OpenStackConfig, *, places: Lookups, request: PreflightRequest, images: Images
    ) -> None:
        self._api = api
        self._images = images
        self._config = config
        self._places = places
        self._request = request
        self._named_resources = NamedResources(api, config)
        self._pools = LoadBalancerPools(api)
        self._inbound_facts: list[InboundFacts] = []

    def vms(self) -> Iterator[Finding]:
        """Each VM's properties, flavour, image, groups, zone, key, tags and disks."""
        yield from judge.each(self._request.vms, self._check_vm)
        yield from self._root_tags()
        yield from unused_settings.of_vms(self._request.vms)
        for vm in (*self._request.vms, *self._request.growing):
            yield from judge.disks(vm.name, vm.disk_count, _MOST_DISKS, size="A server")

    def disks(self) -> Iterator[Finding]:
        """Each disk's size, type and zone."""
        yield from judge.each(self._request.disks, self._check_disk)

    def addresses(self) -> Iterator[Finding]:
        """Subnets and floating addresses that are not there; addresses outside, taken, asked for twice, or too few."""
        yield from self._coming_addresses()
        if not self._places_are_there():
            return
        yield from judge.each(self._request.vms, self._check_public)
        port_requests = [(vm, port_request) for vm in self._request.vms for port_request in self._port_requests(vm)]
        for network in sorted({port_request.network_id for _, port_request in port_requests}):
            there = [(vm, port_request) for vm, port_request in port_requests if port_request.network_id == network]
            yield from self._check_network(network, there)

    def inbound(self) -> Iterator[Finding]:
        """Own security groups that let no SSH in, or no questions about health; after `vms`."""
        yield from judge.inbound(self._inbound_facts, self._request, sources=self._config.public_sources)

    def volumes(self) -> tuple[int, int]:
        """How many volumes the plan's disks and servers take, and their GiB."""
        gibs = [disks.gib_of(disk.size_mib) for disk in self._request.disks if disk.size_mib > 0]
        gibs += [gib for vm in self._request.vms if (gib := self._root_gib(vm)) is not None]
        return len(gibs), sum(gibs)

    def leaving_volumes(self) -> tuple[int, int]:
        """The root volumes that go with the VMs that the plan deletes, and their GiB."""
        ids = {
            str(one["id"])
            for server in self._leaving
            for one in server.get("os-extended-volumes:volumes_attached", ())
            if one.get("delete_on_termination")
        }
        answer = self._api.list_all("volume", "/volumes/detail", "volumes") if ids else ()
        gibs = [int(one["size"]) for one in answer if one["id"] in ids]
        return len(gibs), sum(gibs)

    def counted_names(self) -> tuple[str, ...]:
        """What documents and the cloud call what counts under limits: the flavors of VMs, and VMs."""
        flavors = [vm.cloud_properties.get("instance_type") for vm in self._request.vms]
        written = dict.fromkeys(one for one in flavors if isinstance(one, str))
        return (*written, *(vm.name for vm in (*self._request.vms, *self._request.growing)))

    def sizes(self) -> Counter[str]:
        """Servers, CPUs and memory that the plan's VMs take."""
        return self._sum(self._flavor_of(vm) for vm in self._request.vms)

    def leaving_sizes(self) -> Counter[str]:
        """The resources freed by VMs that the plan deletes."""
        return self._sum(server.get("flavor") for server in self._leaving)

    def ports(self) -> int:
        """How many the plan's VMs take."""
        return sum(len(interfaces_of(vm.networks)) for vm in self._request.vms)

    def leaving_ports(self) -> int:
        """How many become free."""
        return sum(len(addresses) for server in self._leaving for addresses in server.get("addresses", {}).values())

    def _coming_groups(self) -> set[str]:
        """What the security groups are called that the same plan makes."""
        made = (one.name for one in self._request.landing if one.kind == layout.GROUP)
        return {names.landing_name(self._places.environment, name) for name in made}

    def _coming_pools(self) -> set[str]:
        """What the pools are called of load balancers that the same plan makes or changes."""
        landing = (*self._request.landing, *self._request.changed)
        balancers = (one for one in landing if one.kind == balancer_layout.BALANCER)
        return {name for one in balancers for name in balancer_layout.pool_names(one)}

    def _check_vm(self, vm: VmRequest) -> None:
        judge.require_host_name(vm.name)
        properties = vms.read_vm_properties(vm)
        coming = self._coming_pools()
        self._pools.ids([one for one in properties.loadbalancer_pools if one.name not in coming])
        networks.groups_of(vm)
        ports = [self._check_port_request(interface) for interface in networks.created_port(vm)]
        flavor = self._places.flavor(properties.instance_type)
        wanted = properties.security_groups or networks.groups_of(vm)
        if not self._coming_groups() & set(wanted):
            self._keep_inbound_facts(vm, ports[0], self._places.groups(vm, properties))
        image = self._places.image(vm.stemcell_cid) if vm.stemcell_cid else self._coming
        root = root_volumes.read_root_volume(properties, flavor, self._config, name=vm.name)
        vms.check_tag_count(replace(vm, tags={**self._api.tags, **vm.tags}))
        if image is not None:
            self._check_fit(vm, flavor, image, root=root)
        self._named_resources.check_vm(properties)

    def _check_fit(self, vm: VmRequest, flavor: CloudAnswer, image: CloudAnswer, *, root: RootVolume | None) -> None:
        """Raises NotFoundError, code unknown-stemcell; CloudError, code image-too-large."""
        if not stemcells.is_usable(image):
            raise judge.unknown_stemcell(vm.stemcell_cid, cloud="OpenStack")
        disk_gib, facts = root.size_gib if root else int(flavor["disk"]), stemcells.facts_of(image, self._config)
        judge.require(judge.image_room(facts, vm.name, disk_gib=disk_gib, ram_mib=int(flavor["ram"])))

    def _root_tags(self) -> Iterator[Finding]:
        """Nova makes the volumes that servers boot from, and hands no metadata on to Cinder."""
        if self._api.tags and any(self._root_gib(vm) is not None for vm in self._request.vms):
            yield Finding(
                code="root-volume-without-tags",
                what="Boot volumes do not get the environment's tags.",
                why="Nova creates them, and accepts no metadata for them.",
                fix="If a policy requires tags on every volume, choose flavors with a disk and no root_disk.",
                is_fatal=False,
            )

    @cached_property
    def _coming(self) -> CloudAnswer | None:
        """The image of the one stemcell that the plan makes; None of several, or of one that brings its own.

        The check of stemcells reports its problems.
        """
        if len(self._request.stemcells) != 1:
            return None
        (request,) = self._request.stemcells
        try:
            properties = read_properties(StemcellProperties, request.cloud_properties, where="a stemcell")
            is_brought = bool(stemcells.path_of(request, properties, self._config))
            return None if is_brought else self._images.choose(request, properties)
        except CloudError:
            return None

    def _check_port_request(self, interface: Interface) -> PortRequest | None:
        """A network that the plan's landing zone brings need not be there yet: None."""
        for settings in interface.others:
            networks.read_network(settings)
        comes = {one.name for one in self._request.landing if one.kind == layout.NETWORK}
        main = interface.main
        if networks.read_network(main).net_id or networks.landed_name(main) not in comes:
            return self._places.port_request(interface)
        return None

    def _check_disk(self, disk: DiskRequest) -> None:
        properties = read_properties(DiskProperties, disk.cloud_properties, where="a disk")
        disks.gib_of(disk.size_mib)
        self._named_resources.check_disk(properties)

    def _root_gib(self, vm: VmRequest) -> int | None:
        """The size of a VM's root volume; None without one, or where the VM's properties are wrong."""
        try:
            properties = vms.read_vm_properties(vm)
            flavor = self._places.flavor(properties.instance_type)
            root = root_volumes.read_root_volume(properties, flavor, self._config, name=vm.name)
        except CloudError:
            return None
        return root.size_gib if root else None

    def _check_public(self, vm: VmRequest) -> None:
        public = networks.public(vm)
        if public is not None and public.ip not in self._floating:
            raise judge.unknown_public_address(public.ip or "", self._floating, cloud="OpenStack")

    def _check_network(self, network: str, port_requests: list[tuple[VmRequest, PortRequest]]) -> Iterator[Finding]:
        leaving = {str(server["id"]) for server in self._leaving}
        ports = list(self._api.list_all("network", "/ports", "ports", network_id=network))
        asked = {vm.owner for vm, _ in port_requests}
        held = {
            str(fixed["ip_address"]): port
            for port in ports
            for fixed in port.get("fixed_ips", ())
            if port["device_id"] and str(port["device_id"]) not in leaving and _owner(port) not in asked
        }
        subnets = list(self._api.list_all("network", "/subnets", "subnets", network_id=network))
        network_state = _NetworkState(network=network, held=held, subnets=subnets)
        yield from judge.each(
            (port_request for _, port_request in port_requests),
            lambda port_request: _require_subnet(port_request, network_state),
        )
        wanted = [
            one for vm, port_request in port_requests for one in networks.wanted_interfaces(vm.name, port_request)
        ]
        yield from _chosen_by_neutron(wanted, subnets)
        facts = networks.subnet_facts(network, subnets, held)
        holders = {(network, address): _holder(port) for address, port in held.items() if address not in facts.kept}
        yield from judge.addresses(wanted, {network: facts}, holders)

    def _keep_inbound_facts(self, vm: VmRequest, port: PortRequest | None, ids: Sequence[str]) -> None:
        """Nothing of a VM in the landing zone's own groups, in a network to come, or where no groups are enforced."""
        groups = self._places.own_groups(ids)
        if (
            port is not None
            and not ipv6.is_ipv6(port.settings)
            and groups
            and self._places.has_port_security(port.network_id)
        ):
            self._inbound_facts.append(inbound.facts(vm, port, groups))

    def _coming_addresses(self) -> Iterator[Finding]:
        """Addresses in networks that the same plan makes."""
        facts = {name: networks.subnet_facts(name, [subnet]) for name, subnet in self._planned_subnets()}
        wanted = [
            WantedInterface(
                vm=vm.name,
                network=settings.name,
                subnet=networks.landed_name(interface.main),
                address=settings.ip or "",
            )
            for vm in self._request.vms
            if facts and not self._port_requests(vm)
            for interface in networks.created_port(vm)
            for settings in interface.networks
        ]
        yield from judge.addresses(wanted, facts, {})

    def _planned_subnets(self) -> Iterator[tuple[str, CloudAnswer]]:
        """By network; those that are no range are reported elsewhere."""
        for one in self._request.landing:
            if one.kind == layout.SUBNET:
                network = str(one.properties["network"])
                with contextlib.suppress(CloudError):
                    yield network, layout.planned_subnet(str(one.properties["cidr"]), name=one.name)

    def _port_requests(self, vm: VmRequest) -> tuple[PortRequest, ...]:
        try:
            return self._places.port_requests(vm)
        except CloudError:
            return ()  # said already, or made by the same plan

    def _places_are_there(self) -> bool:
        """While the plan makes the landing zone, no address of it can be judged."""
        return not self._request.landing or any(self._port_requests(vm) for vm in self._request.vms)

    def _flavor_of(self, vm: VmRequest) -> CloudAnswer | None:
        try:
            return self._places.flavor(str(vm.cloud_properties.get("instance_type", "")))
        except CloudError:
            return None

    def _sum(self, flavors: Iterable[CloudAnswer | None]) -> Counter[str]:
        total: Counter[str] = Counter(instances=0, cores=0, ram=0)
        for flavor in flavors:
            total["instances"] += 1
            if flavor is not None:
                total["cores"] += int(flavor.get("vcpus", 0))
                total["ram"] += int(flavor.get("ram", 0))
        return total

    @cached_property
    def _leaving(self) -> list[CloudAnswer]:
        wanted = set(self._request.leaving)
        if not wanted:
            return []
        answer = self._api.list_all("compute", "/servers/detail", "servers")
        return [server for server in answer if server["id"] in wanted]

    @cached_property
    def _floating(self) -> frozenset[str]:
        answer = self._api.list_all("network", "/floatingips", "floatingips", project_id=self._api.project())
        return frozenset(str(one["floating_ip_address"]) for one in answer)


def _owner(port: CloudAnswer) -> object:
    return owner_tags.read_owner(names.read_note(port.get("description")))


def _require_subnet(port: PortRequest, network_state: _NetworkState) -> None:
    known = {str(one["id"]) for one in network_state.subnets}
    for settings, subnet in zip(port.interface.networks, port.subnet_ids, strict=True):
        if subnet:
            where = f"Network '{settings.name}'"
            judge.require_known("subnet", subnet, known, where=where, setting="subnet_id")


def _chosen_by_neutron(wanted: Sequence[WantedInterface], subnets: Sequence[CloudAnswer]) -> Iterator[Finding]:
    """Addresses of subnets in which each port has the one that follows from its MAC address."""
    automatic = [one for one in subnets if one.get("ipv6_address_mode") in _AUTOMATIC]
    for one in wanted:
        held = [each for each in automatic if one.address and networks.is_inside(one.address, str(each["cidr"]))]
        for subnet in held:
            yield Finding(
                code="address-not-choosable",
                what=f"VM '{one.vm}' cannot have the address {one.address} on network '{one.network}'.",
                why=f"Subnet {subnet['id']} has ipv6_address_mode {subnet['ipv6_address_mode']}: addresses follow from "
                "MAC addresses.",
                fix="Use a subnet with ipv6_address_mode dhcpv6-stateful.",
                written_names=(one.address, one.network),
            )


def _holder(port: CloudAnswer) -> str:
    return f"port {port['id']} of {port['device_owner'] or 'an unknown resource'}"
