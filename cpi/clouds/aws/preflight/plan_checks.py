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
from cpi.clouds.aws.machines.block_device_mappings import Wishes
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
from cpi.kit import tag_limits

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
    """The checks are called in the order they stand in: later ones use what earlier ones read."""

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
                yield _finding(error)
            if len(request.disk_cids) > _MOST_DISKS:
                yield Finding(
                    code="too-many-disks",
                    what=f"VM '{request.name}' has {len(request.disk_cids)} disks.",
                    why=f"At most {_MOST_DISKS} are attached to a VM here.",
                    fix="Spread the disks over more VMs.",
                )
        yield from self._names()
        groups = sorted({name for asked in self._seen.asked for name in asked.properties.lb_target_groups})
        yield from map(_finding, TargetGroups(self._api).refusals(groups))

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
                yield _finding(error)
        for asked in self._seen.asked:
            try:
                wanted += volume_limits.of_vm(self._wishes(asked), self._config)
            except CloudError as error:
                yield _finding(error)
        yield from volume_limits.check(self._api, wanted, self._request)

    def types(self) -> Iterator[Finding]:
        """Instance types that exist, are offered in their zones, and run the images' architecture."""
        kinds = sorted({asked.properties.instance_type for asked in self._seen.asked})
        if not kinds:
            return
        told = {str(one["InstanceType"]): one for one in self._load_types(kinds)}
        offered = self._load_offers(kinds)
        for kind in kinds:
            if kind not in told:
                yield _no_type(kind, self._config.region)
        for asked in self._seen.asked:
            kind = asked.properties.instance_type
            if kind in told:
                yield from self._fit(asked, told[kind], offered.get(kind, set()))

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
        wanted = Counter((card.subnet.id, card.settings.ip) for _, card in cards if card.settings.ip)
        for (_, address), count in wanted.items():
            if count > 1:
                yield _twice(address, count)
        for asked, card in cards:
            holder = held.get((card.subnet.id, card.settings.ip))
            if card.settings.ip and holder is not None and holder not in self._request.leaving:
                yield _taken(asked.request.name, card.settings.ip, holder)
        yield from self._rooms([card.subnet for _, card in cards], held)

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

    def _wishes(self, asked: _ReadableVm) -> Wishes:
        """Of an image that is still to be made, what most have."""
        cid = asked.request.stemcell_cid
        return Wishes(
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
            yield Finding(
                code="unknown-key-pair",
                what=f"There is no key pair '{key}' in {self._config.region}.",
                why="A VM names it as key_name.",
                fix="Import it in AWS's console, or remove key_name: VMs get their login without one.",
            )

    def _load_types(self, kinds: list[str]) -> list[Mapping[str, Any]]:
        if not kinds:
            return []
        wanted = filters({"instance-type": tuple(kinds)})
        told = list(self._api.list_all("DescribeInstanceTypes", "InstanceTypes", Filters=wanted))
        for one in told:
            self._seen.cpus[str(one["InstanceType"])] = int(one["VCpuInfo"]["DefaultVCpus"])
        return told

    def _load_offers(self, kinds: list[str]) -> dict[str, set[str]]:
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

    def _fit(self, asked: _ReadableVm, told: Mapping[str, Any], offered: set[str]) -> Iterator[Finding]:
        kind = asked.properties.instance_type
        for zone in sorted(self._zones_of(asked)):
            if zone not in offered:
                yield Finding(
                    code="type-not-in-zone",
                    what=f"Availability zone {zone} has no {kind}.",
                    why=f"It is offered in {', '.join(sorted(offered)) or 'no zone of the region'}.",
                    fix="Choose another instance_type for that AZ, or another AZ for the instance group.",
                )
        yield from _lacks(asked, told)
        image, architecture = self._image_of(asked.request)
        runs = [str(one) for one in told.get("ProcessorInfo", {}).get("SupportedArchitectures", ())]
        if runs and architecture not in runs:
            yield Finding(
                code="image-architecture",
                what=f"{image} is for {architecture}, and {kind} is not.",
                why=f"{kind} runs {', '.join(runs)}.",
                fix="Choose another instance_type (t4g and m6g are for arm64), or another stemcell.",
            )

    def _image_of(self, request: VmRequest) -> tuple[str, str]:
        """What its image is called, and its architecture; one that the plan makes is of the environment's."""
        if not request.stemcell_cid:
            return "The environment's image", self._config.architecture
        image = self._places.image(stemcells.image_of(request.stemcell_cid))
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

    def _rooms(self, wanted: list[AwsSubnet], held: Mapping[tuple[str, str], str]) -> Iterator[Finding]:
        counts = Counter(subnet.id for subnet in wanted)
        for subnet in {one.id: one for one in wanted}.values():
            mine = [holder for (place, _), holder in held.items() if place == subnet.id]
            staying = sum(holder not in self._request.leaving for holder in mine)
            free = subnet.cidr.num_addresses - networks.RESERVED_FIRST - 1 - staying
            if counts[subnet.id] > free:
                yield Finding(
                    code="aws-subnet-full",
                    what=f"Subnet {subnet.cidr} has no room for {counts[subnet.id]} VMs more.",
                    why=f"{max(free, 0)} addresses are free; AWS keeps five of each subnet.",
                    fix="Use a larger range for the network, or fewer instances.",
                )


def _check_planned(address: str, planned: tuple[ipaddress.IPv4Network, ...], error: CloudError) -> None:
    if not planned:
        raise error
    if not address:
        return
    within = [cidr for cidr in planned if ipaddress.IPv4Address(address) in cidr]
    if not within or networks.is_reserved(ipaddress.IPv4Address(address), within[0]):
        raise CloudError(
            "address-outside-network",
            f"{address} will be no address that AWS gives in this environment.",
            why=f"The subnets will be {', '.join(map(str, planned))}, without the first four addresses and the last.",
            fix="Correct the ranges and static addresses in the cloud config.",
        )


def _lacks(asked: _ReadableVm, told: Mapping[str, Any]) -> Iterator[Finding]:
    """What the VM wants of its instance type that the type has not."""
    kind = asked.properties.instance_type
    cards = len(networks.private_networks(asked.request))
    most = told.get("NetworkInfo", {}).get("MaximumNetworkInterfaces", cards)
    if cards > most:
        yield Finding(
            code="too-many-interfaces",
            what=f"VM '{asked.request.name}' has {cards} networks, and {kind} takes {most}.",
            why="Each network is a network interface of the VM.",
            fix="Choose a larger instance_type, or fewer networks for the instance group.",
        )


def _no_type(kind: str, region: str) -> Finding:
    return Finding(
        code="unknown-instance-type",
        what=f"Region {region} has no instance type '{kind}'.",
        why="AWS does not list it.",
        fix="Correct instance_type in the cloud config.",
    )


def _twice(address: str, count: int) -> Finding:
    return Finding(
        code="address-asked-twice",
        what=f"{count} VMs of the plan have the address {address}.",
        why="A subnet has each address once.",
        fix="Correct static_ips in the manifest.",
    )


def _taken(name: str, address: str, holder: str) -> Finding:
    return Finding(
        code="address-taken",
        what=f"VM '{name}' cannot have the address {address}.",
        why=f"{holder} has it.",
        fix="Choose another address, or delete what has it.",
    )


def _finding(error: CloudError) -> Finding:
    return Finding(code=error.code, what=error.what, why=error.why, fix=error.fix)
