"""PREFLIGHT: everything that can be known before the first create; nothing is created.

Takes what a plan will ask for, gives findings: credentials, clock, permissions, providers, quotas, sizes, images,
names, addresses.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from cpi.clouds.azure.images import stemcells, uploads
from cpi.clouds.azure.images.managed_images import ManagedImages
from cpi.clouds.azure.landing import landing_bodies
from cpi.clouds.azure.landing.landing_zone import AzureLanding
from cpi.clouds.azure.machines import leftovers, load_balancers, networks, vms
from cpi.clouds.azure.machines.load_balancers import BackendPool
from cpi.clouds.azure.preflight import (
    address_capacity,
    capacity,
    disk_limits,
    findings,
    inbound,
    named_resources,
    unused_settings,
)
from cpi.clouds.azure.preflight.account_checks import AccountChecks
from cpi.clouds.azure.wire import config, credentials, names, resource_tags
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, PreflightRequest, QuotaNeed, StemcellRequest, VmRequest
from cpi.kit import disk_image, judge, network_interfaces, tag_limits
from cpi.kit.judge import ImageFacts, Place, Size, VmFacts

Json = Mapping[str, Any]
Check = Callable[[PreflightRequest], list[Finding]]


class AzurePreflight:
    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths, *, landing: AzureLanding) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self._landing = landing
        self._pools = load_balancers.Balancers(api, places)
        self._gateway_pools = load_balancers.Balancers(api, places, load_balancers.GATEWAY)
        self._account_checks = AccountChecks(api, settings, places, environment=landing.environment)

    def preflight(self, request: PreflightRequest) -> tuple[Finding, ...]:
        if request.is_only_of_tags():
            return tag_limits.findings(request, resource_tags.LIMITS)
        unreadable, request = self._written(request)
        found = [*unreadable, *self._secret()]
        try:
            answer = self._api.ask(self._places.root())
        except CloudError as error:  # without access nothing else can be checked
            return (*found, Finding.of(error))
        found += findings.check_state(answer.body)
        found += findings.check_skew(answer.headers, now_s=self._api.clock.wall_s())
        checks: tuple[Check, ...] = (
            lambda _: self._account_checks.location(),
            self._account_checks.permissions,
            lambda asked: list(tag_limits.findings(asked, resource_tags.LIMITS)),
            lambda _: self._account_checks.providers(),
            lambda _: self._account_checks.group(),
            self._ranges,
            self._capacity,
            self._images,
            self._account,
            self._labels,
            lambda _: self._closed_ports(),
            self._balancers,
            self._named,
            self._unused,
            self._locations,
            self._addresses,
            self._inbound,
            lambda asked: [*network_interfaces.findings(asked.vms, networks.INTERFACES)],
        )
        return (*found, *judge.asked_for(request, judge.all_of(partial(check, request) for check in checks)))

    def request_quota(self, need: QuotaNeed) -> str:
        space = "Microsoft.Network" if need.name in capacity.NETWORK_NAMES else "Microsoft.Compute"
        scope = f"{self._places.root()}/providers/{space}/locations/{need.region}"
        body = {"properties": {"limit": {"limitObjectType": "LimitValue", "value": need.needed}}}
        body["properties"]["name"] = {"value": need.name}
        self._api.put(f"{scope}/providers/Microsoft.Quota/quotas/{need.name}", body, waits=False)
        return f"{scope}/providers/Microsoft.Quota/quotas/{need.name}"

    def _written(self, request: PreflightRequest) -> tuple[list[Finding], PreflightRequest]:
        """Unusable cloud properties, and the request without the VMs that have them."""
        readable, refused = judge.readable(request.vms, self._read)
        tags = [one for _, properties in readable for one in tag_limits.refusals(properties.tags, resource_tags.LIMITS)]
        found = [*refused, *tag_limits.as_findings(tags)]
        return found, replace(request, vms=tuple(vm for vm, _ in readable))

    def _read(self, vm: VmRequest) -> tuple[VmRequest, config.VmProperties]:
        properties = vms.read_properties(vm, self._settings)
        for interface in networks.split(vm)[0]:
            networks.placed(interface, self._places)
        resource_tags.check_count(resource_tags.merge(self._api.tags, vms.tags_of(vm, properties)))
        return vm, properties

    def _secret(self) -> list[Finding]:
        return list(findings.check_expiry(credentials.read_expiry(self._settings), now_s=self._api.clock.wall_s()))

    def _ranges(self, request: PreflightRequest) -> list[Finding]:
        if not any(one.kind == landing_bodies.SUBNET for one in request.landing):
            return []
        network = self._api.get(self._places.path(names.NETWORK, networks.LANDING))
        return address_capacity.check_ranges(request.landing, network)

    def _capacity(self, request: PreflightRequest) -> list[Finding]:
        """Sizes and disks offered here, disk slots, and cores and disks against their quotas."""
        location = self._settings.location
        where = f"location eq '{location}'"
        listed = self._api.list(f"{self._places.root()}/providers/Microsoft.Compute/skus", filter=where)
        skus = capacity.read_skus(listed)
        wanted = [capacity.planned_vm(vm, self._settings) for vm in request.vms]
        usages = self._api.list(self._places.regional("Microsoft.Compute/usages"))
        leaving = self._leaving(request)
        cores = capacity.cores_by_family([str(vm["properties"]["hardwareProfile"]["vmSize"]) for vm in leaving], skus)
        unreadable, disks = disk_limits.check_written(request.disks)
        disks += disk_limits.system_disks(request.vms, self._settings)
        freed = disk_limits.read_freed(leaving)
        return [
            *capacity.check_sizes(wanted, skus, location=location),
            *capacity.check_disks([capacity.planned_vm(vm, self._settings) for vm in request.growing], skus),
            *capacity.check_placements(request.vms, skus, self._settings),
            *capacity.check_cores(wanted, skus, usages=usages, leaving=cores, region=location),
            *unreadable,
            *disk_limits.check_types(disks, listed, location=location),
            *disk_limits.check_quotas(disks, usages, freed=freed, region=location),
        ]

    def _leaving(self, request: PreflightRequest) -> list[Json]:
        gone = set(map(str, request.leaving))
        return [vm for vm in self._api.list(self._places.path(names.VM)) if vm["name"] in gone] if gone else []

    def _images(self, request: PreflightRequest) -> list[Finding]:
        """Images that there are, of the sizes' architecture, and with room on the root disks."""
        images, refused = judge.readable(request.stemcells, self._image)
        coming = [vm for vm in request.vms if not vm.stemcell_cid]
        fit = [finding for image in images if image for vm in coming for finding in self._fit(image, vm)]
        return [*refused, *fit]

    def _image(self, stemcell: StemcellRequest) -> ImageFacts | None:
        """None where the image is still to be sent."""
        properties = stemcells.read_stemcell(stemcell)
        if stemcell.source is not None:
            return ManagedImages(self._api, self._settings, self._places).facts(stemcell.source)
        disk = stemcells.path_of(stemcell, properties, self._settings)
        if disk:
            disk_image.glance_at(disk, uploads.ACCEPTED, cloud=uploads.CLOUD)
            return None
        image = stemcells.image_of(properties, self._settings)
        if image.id:
            return stemcells.facts_of(image, self._api.get(image.id))
        path = stemcells.versions_path(image, self._places)
        if stemcells.is_latest(image):
            image = stemcells.pinned(image, stemcells.newest(self._api.list(path), image))
        return stemcells.facts_of(image, self._api.get(f"{path}/{image.words[3]}"))

    def _fit(self, image: ImageFacts, vm: VmRequest) -> Iterator[Finding]:
        properties = vms.read_properties(vm, self._settings)
        size = vms.size_of(properties, self._settings)
        wanted = VmFacts(name=vm.name, size=size, image=image.name, architecture=image.architecture)
        known = Size(architectures=(capacity.architecture_of(size),))
        yield from judge.sizes([wanted], Place(name=self._settings.location, sizes={size: known}))
        yield from judge.image_room(image, vm.name, disk_gib=vms.system_disk_gib(properties))

    def _account(self, request: PreflightRequest) -> list[Finding]:
        return [*self._own_account(request), *self._landing.blob_accounts.name_findings(request.landing)]

    def _own_account(self, request: PreflightRequest) -> list[Finding]:
        if not any(one.kind == landing_bodies.ACCOUNT for one in request.landing):
            return []
        accounts = self._landing.accounts
        is_there = any(accounts.find(self._landing.environment))
        if is_there or any(accounts.is_free(accounts.own_name(attempt)) for attempt in range(2)):
            return []
        why, fix = "Such a name is unique in the whole world.", "Choose another storage_account_prefix."
        return [Finding.of(judge.name_taken("storage account", accounts.own_name(0), why=why, fix=fix))]

    def _labels(self, request: PreflightRequest) -> list[Finding]:
        """DNS labels of addresses that are still to be made."""
        wanted = [one for one in request.landing if one.kind == landing_bodies.ADDRESS and "label" in one.properties]
        there = {str(one["name"]) for one in self._api.list(self._places.path(names.ADDRESS))} if wanted else set()
        labels = [str(one.properties["label"]) for one in wanted if one.name not in there]
        location = self._settings.location
        taken = [f"{label}.{location}.cloudapp.azure.com" for label in labels if not self._landing.is_label_free(label)]
        return [Finding.of(judge.dns_name_taken(name, why="Azure says that somebody has it.")) for name in taken]

    def _closed_ports(self) -> list[Finding]:
        group = self._api.get(self._places.path(names.GROUP, networks.LANDING))
        closed = landing_bodies.closed_ports(group, self._settings) if group is not None else []
        return [findings.of_closed_ports(networks.LANDING, self._places.group, closed)] if closed else []

    def _balancers(self, request: PreflightRequest) -> list[Finding]:
        """Load balancers and application gateways that VMs name, each asked for once."""
        read = [vms.read_properties(vm, self._settings) for vm in request.vms]
        found: list[Finding] = []
        for written, owner in (
            ([one.load_balancer for one in read], self._pools),
            ([one.application_gateway for one in read], self._gateway_pools),
        ):
            pools = dict.fromkeys(pool for each in written for pool in load_balancers.read_pools(each or ()))
            found += judge.each([pool for pool in pools if not _is_made(pool, request)], owner.require)
        planned = (*request.landing, *request.changed)
        made = {one.name for one in planned if one.kind == landing_bodies.BALANCER}
        rules = dict.fromkeys(rule for one in read for rule in one.load_balancer_nat_rules)
        missing = [rule for rule in rules if rule.partition("/")[0] not in made]
        return found + list(judge.each(missing, self._pools.require_nat_rule))

    def _named(self, request: PreflightRequest) -> list[Finding]:
        """Security groups and other resources that VMs, networks and disks name."""
        named = named_resources.named_resources(request, self._settings, self._places)
        return list(judge.each(named, lambda one: named_resources.require(self._api, one)))

    def _unused(self, request: PreflightRequest) -> list[Finding]:
        remarks = [
            remark
            for vm in request.vms
            for remark in unused_settings.of_vm(vm, vms.read_properties(vm, self._settings))
        ]
        remarks += unused_settings.of_settings(self._settings)
        return [*remarks, *judge.ignored_properties(request, unused_settings.MODELS, cloud="Azure")]

    def _addresses(self, request: PreflightRequest) -> list[Finding]:
        """Public addresses against their limit, private ones against who has them."""
        usages = self._api.list(self._places.regional("Microsoft.Network/usages"))
        there = {str(one["name"]) for one in self._api.list(self._places.path(names.ADDRESS))}
        new = [one for one in request.landing if one.kind == landing_bodies.ADDRESS and one.name not in there]
        own = [vm for vm in request.vms if vms.read_properties(vm, self._settings).assign_dynamic_public_ip]
        called = [*(one.name for one in new), *(vm.name for vm in own)]
        found = capacity.check_addresses(called, usages=usages, region=self._settings.location)
        nics = [
            nic
            for nic in self._api.list(self._places.path(names.NIC))
            if not leftovers.is_stray(nic, self._landing.environment)  # the plan that needs its address deletes it
        ]
        return [*found, *_taken(request, nics), *self._address_capacity(request, nics)]

    def _inbound(self, request: PreflightRequest) -> list[Finding]:
        """Own security groups that let no SSH in, or no questions about health."""
        groups = inbound.InboundGroups(self._api, self._settings, self._places)
        found = [facts for vm in request.vms for facts in groups.facts(vm)]
        return list(judge.inbound(found, request, sources=self._settings.public_sources))

    def _locations(self, request: PreflightRequest) -> list[Finding]:
        """Networks that cloud properties name; the landing zone's own are where the settings say."""
        read = [networks.placed(one, self._places) for vm in request.vms for one in networks.split(vm)[0]]
        paths = {networks.network_path(subnet) for subnet, found in read if found.virtual_network_name}
        there = [network for path in sorted(paths) if (network := self._api.get(path)) is not None]
        return list(judge.each(there, lambda one: networks.check_location(one, self._settings.location)))

    def _address_capacity(self, request: PreflightRequest, nics: Sequence[Json]) -> list[Finding]:
        """Addresses wanted against the subnets that are there, or that the plan makes."""
        wanted = [
            address_capacity.PlannedAddress(vm=vm.name, network=network, subnet_id=subnet_id.lower())
            for vm in request.vms
            for interface in networks.split(vm)[0]
            for subnet_id in [networks.placed(interface, self._places)[0]]
            for network in interface.networks
        ]
        asked = {path: self._api.get(path) for path in sorted({one.subnet_id for one in wanted})}
        subnets = address_capacity.planned(request.landing, self._places)
        subnets |= {path: subnet for path, subnet in asked.items() if subnet is not None}
        gone = {*map(str, request.leaving), *(names.name_of(vm.owner, "vm") for vm in request.vms)}
        staying = Counter(networks.read_subnet_id(nic).lower() for nic in nics if _holder(nic) not in gone)
        return address_capacity.check(wanted, subnets, staying)


def _holder(nic: Json) -> str:
    return names.last(str((nic["properties"].get("virtualMachine") or {}).get("id", "")))


def _taken(request: PreflightRequest, nics: Sequence[Json]) -> list[Finding]:
    gone = set(map(str, request.leaving))
    held = {address: _holder(nic) for nic in nics for address in networks.read_addresses(nic)}
    found: list[Finding] = []
    for vm in request.vms:
        own = names.name_of(vm.owner, "vm")
        for network in vm.networks:
            holder = held.get(network.ip, own) if network.ip else own
            if network.ip and holder != own and holder not in gone:
                found += judge.taken(vm.name, network.ip, holder or "a network interface without a VM")
    return found


def _is_made(pool: BackendPool, request: PreflightRequest) -> bool:
    """Whether the plan itself makes its balancer."""
    made = {one.name for one in request.landing if one.kind == landing_bodies.BALANCER}
    return pool.balancer in made and not (pool.group or pool.name)
