"""What a plan's VMs and disks would meet: properties, sizes, images, limits, addresses; each question once for all.

Takes the requests of a plan, gives findings.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cpi.clouds.aws.images import stemcells
from cpi.clouds.aws.landing import layout
from cpi.clouds.aws.machines import disks, networks, vms
from cpi.clouds.aws.machines.block_device_mappings import DiskRequests
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.machines.networks import AwsSubnet, Card
from cpi.clouds.aws.machines.target_groups import TargetGroups
from cpi.clouds.aws.machines.volume_types import Volume
from cpi.clouds.aws.preflight import quotas, unused_settings, volume_limits
from cpi.clouds.aws.wire import resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig, VmProperties
from cpi.contract.errors import CloudError
from cpi.contract.values import Finding, PreflightRequest, VmRequest
from cpi.kit import judge, judge_addresses, tag_limits
from cpi.kit.judge import Place, Size, VmFacts
from cpi.kit.judge_addresses import SubnetFacts, WantedInterface

_MOST_DISKS = 11
_USUAL_IMAGE_GIB = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadableVm:
    """A VM whose properties can be read; `cards` is empty while its network does not exist yet."""

    request: VmRequest
    properties: VmProperties
    cards: tuple[Card, ...]


@dataclass(slots=True)
class _Seen:
    """What was read on the way."""

    asked: list[_ReadableVm] = field(default_factory=list)
    cpus: dict[str, int] = field(default_factory=dict)


class PlanChecks:
    """The checks are called in their order: later ones use what earlier ones read."""

    def __init__(self, api: Api, config: AwsConfig, *, places: Lookups, request: PreflightRequest) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._request = request
        self._seen = _Seen()

    def vms(self) -> Iterator[Finding]:
        """Properties, networks, security groups, images, names of keys."""
        for request in self._request.vms:
            try:
                properties = vms.read_vm_properties(request, self._config)
                yield from tag_limits.as_findings(vms.tag_refusals(request, properties, self._api.tags))
                self._seen.asked.append(
                    _ReadableVm(request=request, properties=properties, cards=self._cards(request, properties))
                )
                yield from unused_settings.of_vm(request, properties)
                if request.stemcell_cid:
                    self._places.image(stemcells.image_of(request.stemcell_cid))
            except CloudError as error:
                yield Finding.of(error)
            yield from judge.disks(request.name, len(request.disk_cids), _MOST_DISKS)
        yield from self._names()
        groups = sorted({name for asked in self._seen.asked for name in asked.properties.lb_target_groups})
        yield from map(Finding.of, TargetGroups(self._api).refusals(groups))

    def profiles(self) -> tuple[str, ...]:
        """The instance profiles that VMs name."""
        usual = self._config.default_iam_instance_profile
        return tuple(sorted({asked.properties.iam_instance_profile or usual for asked in self._seen.asked} - {""}))

    def disks(self) -> Iterator[Finding]:
        """Properties, sizes and types, and the limits on storage, with the disks that VMs start from."""
        wanted: list[Volume] = []
        for request in self._request.disks:
            try:
                properties = disks.read_disk_properties(request.cloud_properties, self._config)
                yield from tag_limits.as_findings(tag_limits.refusals(properties.tags, resource_tags.LIMITS))
                wanted.append(volume_limits.of_disk(request, properties))
            except CloudError as error:
                yield Finding.of(error)
        for asked in self._seen.asked:
            try:
                wanted += volume_limits.of_vm(self._requested_disks(asked), self._config)
            except CloudError as error:
                yield Finding.of(error)
        yield from volume_limits.check(self._api, wanted, self._request)

    def types(self) -> Iterator[Finding]:
        """Instance types that exist, are offered in their zones, and run the images' architecture."""
        kinds = sorted({asked.properties.instance_type for asked in self._seen.asked})
        if not kinds:
            return
        told = self._load_types(kinds)
        offered = self._load_sizes(kinds)
        sizes = {str(one["InstanceType"]): _size(one, offered.get(str(one["InstanceType"]), set())) for one in told}
        known: frozenset[str] = frozenset() if sizes.keys() >= set(kinds) else self._load_names()
        place = Place(name=f"Region {self._config.region}", sizes=sizes, known=known)
        yield from judge.sizes((self._wanted(asked) for asked in self._seen.asked), place)

    def vcpus(self) -> Iterator[Finding]:
        """The limits on vCPUs, against what runs and stays."""
        loads: dict[str, list[int]] = {}
        for kind, is_spot, count in self._asked_kinds():
            code = quotas.vcpu_code(kind, is_spot=is_spot)
            if code:
                loads.setdefault(code, [0, 0])[1] += count * self._seen.cpus.get(kind, 0)
        if not loads:
            return
        running = self._load_running()
        self._load_types(sorted({kind for kind, _ in running} - set(self._seen.cpus)))
        for (kind, is_spot), count in running.items():
            code = quotas.vcpu_code(kind, is_spot=is_spot)
            if code in loads:
                loads[code][0] += count * self._seen.cpus.get(kind, 0)
        for load in quotas.merge({code: (used, asked) for code, (used, asked) in loads.items()}, "vCPUs"):
            found = quotas.judge(load, quotas.load_limit(self._api, load.code), self._config.region)
            if found is not None:
                yield found

    def addresses(self) -> Iterator[Finding]:
        """Addresses that are taken or asked for twice, and subnets too small for what comes."""
        cards = [(asked, card) for asked in self._seen.asked for card in asked.cards]
        if not cards:
            return
        held = self._load_held(sorted({card.subnet.id for _, card in cards}))
        staying = {at: holder for at, holder in held.items() if holder not in self._request.leaving}
        wanted = [_interface(asked.request.name, card) for asked, card in cards]
        subnets = {card.subnet.id: _subnet(card.subnet, staying) for _, card in cards}
        yield from judge_addresses.addresses(wanted, subnets, staying)

    def _cards(self, request: VmRequest, properties: VmProperties) -> tuple[Card, ...]:
        networks.public_groups(request)
        try:
            return self._places.cards_of(request, properties)
        except CloudError as error:
            planned = self._planned()
            if error.code != "unknown-network" or not planned:
                raise
            for settings in networks.private_networks(request):
                _check_planned(settings.ip, tuple(planned.get(settings.name, ())), error)
            return ()

    def _requested_disks(self, asked: _ReadableVm) -> DiskRequests:
        """Of an image that is still to be made, what most have."""
        cid = asked.request.stemcell_cid
        return DiskRequests(
            properties=asked.properties,
            image_gib=self._places.image(stemcells.image_of(cid)).root_gib if cid else _USUAL_IMAGE_GIB,
            has_agent=asked.request.agent is not None,
        )

    def _planned(self) -> Mapping[str, Mapping[ipaddress.IPv4Network, str]]:
        """Subnets that the same plan makes, by network: their zones by their ranges."""
        found: dict[str, dict[ipaddress.IPv4Network, str]] = {}
        for resource in self._request.landing:
            if resource.kind == layout.SUBNET:
                cidr = ipaddress.IPv4Network(str(resource.properties["cidr"]))
                found.setdefault(str(resource.properties["network"]), {})[cidr] = str(resource.properties["zone"])
        return found

    def _zones_of(self, asked: _ReadableVm) -> set[str]:
        """Where it will be; of a network that is to be made, where the subnet with its address will be."""
        if asked.cards:
            return {card.subnet.zone for card in asked.cards}
        planned = self._planned()
        return {
            zone
            for settings in networks.private_networks(asked.request)
            for cidr, zone in planned.get(settings.name, {}).items()
            if settings.ip and ipaddress.IPv4Address(settings.ip) in cidr
        }

    def _names(self) -> Iterator[Finding]:
        keys = {asked.properties.key_name or self._config.default_key_name for asked in self._seen.asked} - {""}
        told = self._api.read("ec2", "DescribeKeyPairs")["KeyPairs"] if keys else ()
        for key in sorted(keys - {str(one["KeyName"]) for one in told}):
            known = [str(one["KeyName"]) for one in told]
            yield judge.unknown_name("key pair", key, known, where=f"Region {self._config.region}", setting="key_name")

    def _load_types(self, kinds: list[str]) -> list[Mapping[str, Any]]:
        if not kinds:
            return []
        wanted = filters({"instance-type": tuple(kinds)})
        told = list(self._api.list_all("DescribeInstanceTypes", "InstanceTypes", Filters=wanted))
        for one in told:
            self._seen.cpus[str(one["InstanceType"])] = int(one["VCpuInfo"]["DefaultVCpus"])
        return told

    def _load_names(self) -> frozenset[str]:
        """All instance types of the region, to tell the nearest to one that it does not have."""
        told = self._api.list_all("DescribeInstanceTypeOfferings", "InstanceTypeOfferings", LocationType="region")
        return frozenset(str(one["InstanceType"]) for one in told)

    def _load_sizes(self, kinds: list[str]) -> dict[str, set[str]]:
        offers: dict[str, set[str]] = {}
        told = self._api.list_all(
            "DescribeInstanceTypeOfferings",
            "InstanceTypeOfferings",
            LocationType="availability-zone",
            Filters=filters({"instance-type": tuple(kinds)}),
        )
        for one in told:
            offers.setdefault(str(one["InstanceType"]), set()).add(str(one["Location"]))
        return offers

    def _wanted(self, asked: _ReadableVm) -> VmFacts:
        image, architecture = self._image_of(asked.request)
        return VmFacts(
            name=asked.request.name,
            size=asked.properties.instance_type,
            zones=frozenset(self._zones_of(asked)),
            interfaces=len(networks.private_networks(asked.request)),
            image=image,
            architecture=architecture,
        )

    def _image_of(self, request: VmRequest) -> tuple[str, str]:
        """What its image is called, and its architecture; "" where that is not known.

        One that the plan makes is of the environment's.
        """
        if not request.stemcell_cid:
            return "The environment's image", self._config.architecture
        try:
            image = self._places.image(stemcells.image_of(request.stemcell_cid))
        except CloudError:
            return "", ""  # reported with the VM
        return f"Image '{image.id}'", image.architecture

    def _asked_kinds(self) -> Iterator[tuple[str, bool, int]]:
        kinds = Counter(
            (asked.properties.instance_type, asked.properties.spot_bid_price is not None) for asked in self._seen.asked
        )
        for (kind, is_spot), count in sorted(kinds.items()):
            yield kind, is_spot, count

    def _load_running(self) -> Counter[tuple[str, bool]]:
        wanted = filters({"instance-state-name": ("pending", "running")})
        found: Counter[tuple[str, bool]] = Counter()
        for reservation in self._api.list_all("DescribeInstances", "Reservations", Filters=wanted, MaxResults=1000):
            for one in reservation["Instances"]:
                if one["InstanceId"] not in self._request.leaving:
                    found[str(one["InstanceType"]), one.get("InstanceLifecycle") == "spot"] += 1
        return found

    def _load_held(self, subnets: list[str]) -> dict[tuple[str, str], str]:
        wanted = filters({"subnet-id": tuple(subnets)})
        held: dict[tuple[str, str], str] = {}
        for one in self._api.list_all("DescribeNetworkInterfaces", "NetworkInterfaces", Filters=wanted):
            holder = str(one.get("Attachment", {}).get("InstanceId") or one["NetworkInterfaceId"])
            held[str(one["SubnetId"]), str(one["PrivateIpAddress"])] = holder
        return held


def _check_planned(address: str, planned: tuple[ipaddress.IPv4Network, ...], error: CloudError) -> None:
    if not planned:
        raise error
    if not address:
        return
    within = [cidr for cidr in planned if ipaddress.IPv4Address(address) in cidr]
    if not within or networks.is_reserved(ipaddress.IPv4Address(address), within[0]):
        raise CloudError(
            "address-outside-network",
            f"{address} is not in any subnet that AWS will have in this environment.",
            why=f"The subnets will be {', '.join(map(str, planned))}, without the first four addresses and the last.",
            fix="Correct the ranges and static addresses in the cloud config.",
        )


def _size(told: Mapping[str, Any], offered: set[str]) -> Size:
    return Size(
        zones=frozenset(offered),
        most_interfaces=told.get("NetworkInfo", {}).get("MaximumNetworkInterfaces"),
        architectures=tuple(str(one) for one in told.get("ProcessorInfo", {}).get("SupportedArchitectures", ())),
    )


def _interface(vm: str, card: Card) -> WantedInterface:
    return WantedInterface(vm=vm, network=card.settings.name, subnet=card.subnet.id, address=card.settings.ip)


def _subnet(subnet: AwsSubnet, staying: Mapping[tuple[str, str], str]) -> SubnetFacts:
    """AWS keeps the first four addresses of each subnet and its last one."""
    used = sum(place == subnet.id for place, _ in staying)
    return SubnetFacts(
        name=f"Subnet {subnet.cidr}",
        ranges=(str(subnet.cidr),),
        free=subnet.cidr.num_addresses - networks.RESERVED_FIRST - 1 - used,
        first=networks.RESERVED_FIRST,
        last=1,
    )
