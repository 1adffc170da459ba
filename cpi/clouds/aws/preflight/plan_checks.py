"""What a plan's VMs and disks would meet: facts fetched once for all of them, and handed to the kit's judge.

Takes the requests of a plan, gives findings.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from cpi.clouds.aws.images import stemcells
from cpi.clouds.aws.images.images import MachineImage
from cpi.clouds.aws.landing import balancer_layout, layout
from cpi.clouds.aws.machines import disks, networks, traffic_entries, vms
from cpi.clouds.aws.machines.block_device_mappings import DiskRequests
from cpi.clouds.aws.machines.lookups import Lookups
from cpi.clouds.aws.machines.networks import Card
from cpi.clouds.aws.machines.traffic_entries import Registrar
from cpi.clouds.aws.preflight import inbound, quotas, unused_settings, volume_limits
from cpi.clouds.aws.preflight.instance_types import InstanceTypes
from cpi.clouds.aws.wire import resource_tags
from cpi.clouds.aws.wire.api import Api, filters
from cpi.clouds.aws.wire.config import AwsConfig, DiskProperties, VmProperties
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import DiskRequest, Finding, NetworkSettings, PreflightRequest, StemcellCid, VmRequest
from cpi.kit import judge, tag_limits
from cpi.kit.ipv6 import is_ipv6
from cpi.kit.judge import Place, VmFacts, Volume, WantedInterface
from cpi.kit.network_interfaces import interfaces_of

_MOST_DISKS = 11
_USUAL_IMAGE_GIB = 8
_IPV6 = "/ipv6"
"""Behind a subnet's id: its IPv6 range, whose addresses are counted apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadableVm:
    """A VM whose properties can be read; `cards` is empty while its network does not exist yet."""

    request: VmRequest
    properties: VmProperties
    cards: tuple[Card, ...]


class PlanChecks:
    def __init__(self, api: Api, config: AwsConfig, *, places: Lookups, request: PreflightRequest) -> None:
        self._api = api
        self._config = config
        self._places = places
        self._request = request
        self._types = InstanceTypes(api)

    def vms(self) -> Iterator[Finding]:
        """Properties, networks, security groups, images, tags, names of keys."""
        yield from self._vms[1]
        for asked in self._readable:
            yield from tag_limits.as_findings(vms.tag_refusals(asked.request, asked.properties, self._api.tags))
            yield from unused_settings.of_vm(asked.request, asked.properties, self._config)
            if asked.request.stemcell_cid:
                yield from judge.each([asked.request.stemcell_cid], self._image)
        for request in (*self._request.vms, *self._request.growing):
            yield from judge.disks(request.name, request.disk_count, _MOST_DISKS)
        yield from self._key_pairs()
        wanted = [traffic_entries.of_properties(asked.properties) for asked in self._readable]
        made = frozenset(
            str(one.properties["own_name"]) for one in self._request.landing if one.kind == balancer_layout.TARGETS
        )
        yield from map(Finding.of, Registrar(self._api).refusals([one.without_groups(made) for one in wanted]))

    def _image(self, cid: StemcellCid) -> MachineImage:
        return self._places.image(stemcells.image_of(cid))

    def profiles(self) -> tuple[str, ...]:
        """The instance profiles that VMs name."""
        usual = self._config.default_iam_instance_profile
        return tuple(sorted({asked.properties.iam_instance_profile or usual for asked in self._readable} - {""}))

    def disks(self) -> Iterator[Finding]:
        """Properties, sizes and types, and the limits on storage, with the disks that VMs start from."""
        written, refused = judge.readable(self._request.disks, self._disk)
        started, unusable = judge.readable(self._readable, self._own_disks)
        yield from (*refused, *unusable)
        for properties, _ in written:
            yield from tag_limits.as_findings(tag_limits.refusals(properties.tags, resource_tags.LIMITS))
        volumes = [*(volume for _, volume in written), *(volume for several in started for volume in several)]
        yield from volume_limits.check(self._api, volumes, self._request)

    def types(self) -> Iterator[Finding]:
        """Instance types that exist, are offered in their zones, and run the images' architecture."""
        kinds = {asked.properties.instance_type for asked in self._readable}
        if not kinds:
            return
        sizes = self._types.sizes(kinds)
        known: frozenset[str] = frozenset() if sizes.keys() >= kinds else self._types.names
        place = Place(name=f"Region {self._config.region}", sizes=sizes, known=known)
        yield from judge.sizes((self._wanted(asked) for asked in self._readable), place)

    def vcpus(self) -> Iterator[Finding]:
        """The limits on vCPUs, against what runs and stays."""
        asked = Counter(
            (one.properties.instance_type, one.properties.spot_bid_price is not None) for one in self._readable
        )
        wanted = self._by_limit(asked)
        if not wanted:
            return
        used = self._by_limit(self._types.running(self._request.leaving))
        for code, count in sorted(wanted.items()):
            kinds = [kind for kind, is_spot in asked if quotas.vcpu_code(kind, is_spot=is_spot) == code]
            counted = [one.request.name for one in self._readable if one.properties.instance_type in kinds]
            load = quotas.QuotaUse(
                code=code, unit="vCPUs", used=used.get(code, 0), asked=count, names=(*kinds, *counted)
            )
            yield from quotas.check(self._api, load)

    def addresses(self) -> Iterator[Finding]:
        """Addresses outside, taken or asked for twice, and subnets too small, there or to be made."""
        cards = [(asked, card) for asked in self._readable for card in asked.cards]
        held = self._load_held(sorted({card.subnet.id for _, card in cards})) if cards else {}
        staying = {at: holder for at, holder in held.items() if holder not in self._request.leaving}
        used = Counter(subnet for subnet, _ in staying)
        subnets = {card.subnet.id: networks.subnet_facts([card.subnet.cidr], used[card.subnet.id]) for _, card in cards}
        subnets |= {_of_ipv6(card): networks.subnet_facts(card.subnet.ipv6) for _, card in cards if card.subnet.ipv6}
        wanted = [one for asked, card in cards for one in _interfaces(asked.request.name, card)]
        coming = [
            WantedInterface(vm=asked.request.name, network=one.name, subnet=_landed_name(one), address=one.ip or "")
            for asked in self._readable
            for one in _without_card(asked)
        ]
        if coming:
            subnets |= {name: networks.subnet_facts(list(zones)) for name, zones in self._planned.items()}
        yield from judge.addresses([*wanted, *coming], subnets, staying)

    def inbound(self) -> Iterator[Finding]:
        """Own security groups that let no SSH in, or no questions about health."""
        found = inbound.facts(self._api, [(asked.request, asked.cards) for asked in self._readable])
        yield from judge.inbound(found, self._request, sources=self._config.public_sources)

    @cached_property
    def _vms(self) -> tuple[tuple[_ReadableVm, ...], tuple[Finding, ...]]:
        return judge.readable(self._request.vms, self._read)

    @property
    def _readable(self) -> tuple[_ReadableVm, ...]:
        return self._vms[0]

    def _read(self, request: VmRequest) -> _ReadableVm:
        properties = vms.read_vm_properties(request, self._config)
        return _ReadableVm(request=request, properties=properties, cards=self._cards(request, properties))

    def _cards(self, request: VmRequest, properties: VmProperties) -> tuple[Card, ...]:
        """None for networks that the same plan makes, and without the security groups that it makes."""
        networks.public_groups(request)
        made = {one.name for one in self._request.landing if one.kind == layout.GROUP}
        there_now = tuple(name for name in properties.security_groups if name not in made)
        properties = properties.model_copy(update={"security_groups": there_now})
        try:
            return self._places.cards_of(request, properties)
        except CloudError as error:
            asked = networks.private_networks(request)
            there = tuple(one for one in asked if _landed_name(one) not in self._planned)
            if error.code != "unknown-network" or len(there) == len(asked):
                raise
            return self._places.cards_of(replace(request, networks=there), properties) if there else ()

    def _disk(self, request: DiskRequest) -> tuple[DiskProperties, Volume]:
        properties = disks.read_disk_properties(request.cloud_properties, self._config)
        return properties, volume_limits.of_disk(request, properties)

    def _own_disks(self, asked: _ReadableVm) -> tuple[Volume, ...]:
        return volume_limits.of_vm(self._requested_disks(asked), self._config)

    def _requested_disks(self, asked: _ReadableVm) -> DiskRequests:
        """Of an image that is still to be made, what most have."""
        cid = asked.request.stemcell_cid
        return DiskRequests(
            properties=asked.properties,
            image_gib=self._places.image(stemcells.image_of(cid)).root_gib if cid else _USUAL_IMAGE_GIB,
            has_agent=asked.request.agent is not None,
        )

    @cached_property
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
        return {card.subnet.zone for card in asked.cards} | {
            zone
            for settings in _without_card(asked)
            for cidr, zone in self._planned.get(_landed_name(settings), {}).items()
            if settings.ip and ipaddress.ip_address(settings.ip) in cidr
        }

    def _key_pairs(self) -> Iterator[Finding]:
        keys = {asked.properties.key_name or self._config.default_key_name for asked in self._readable} - {""}
        answer = self._api.read("ec2", "DescribeKeyPairs")["KeyPairs"] if keys else ()
        known = {str(one["KeyName"]) for one in answer}
        for key in sorted(keys - known):
            yield judge.unknown_name("key pair", key, known, where=f"Region {self._config.region}", setting="key_name")

    def _wanted(self, asked: _ReadableVm) -> VmFacts:
        image, architecture = self._image_of(asked.request)
        return VmFacts(
            name=asked.request.name,
            size=asked.properties.instance_type,
            zones=frozenset(self._zones_of(asked)),
            interfaces=len(interfaces_of(asked.request.networks)),
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

    def _by_limit(self, counts: Counter[tuple[str, bool]]) -> dict[str, int]:
        """The vCPUs of so many instances of each type, by the limit that counts them."""
        vcpus = self._types.vcpus({kind for kind, _ in counts})
        found: Counter[str] = Counter()
        for (kind, is_spot), count in counts.items():
            found[quotas.vcpu_code(kind, is_spot=is_spot)] += count * vcpus.get(kind, 0)
        return {code: count for code, count in found.items() if code and count}

    def _load_held(self, subnets: list[str]) -> dict[tuple[str, str], str]:
        wanted = filters({"subnet-id": tuple(subnets)})
        held: dict[tuple[str, str], str] = {}
        for one in self._api.list_all("DescribeNetworkInterfaces", "NetworkInterfaces", Filters=wanted):
            holder = str(one.get("Attachment", {}).get("InstanceId") or one["NetworkInterfaceId"])
            held[str(one["SubnetId"]), str(one["PrivateIpAddress"])] = holder
            for six in one.get("Ipv6Addresses", ()):
                held[f"{one['SubnetId']}{_IPV6}", str(ipaddress.ip_address(six["Ipv6Address"]))] = holder
        return held


def _interfaces(vm: str, card: Card) -> Iterator[WantedInterface]:
    """Its addresses; of a network that has none yet, one of the subnet's."""
    for one in card.interface.networks:
        subnet = _of_ipv6(card) if is_ipv6(one) else card.subnet.id
        yield WantedInterface(vm=vm, network=one.name, subnet=subnet, address=one.ip or "")


def _of_ipv6(card: Card) -> str:
    return f"{card.subnet.id}{_IPV6}"


def _landed_name(settings: NetworkSettings) -> str:
    """The landing zone's name of a network."""
    return str(settings.cloud_properties.get("network") or settings.name)


def _without_card(asked: _ReadableVm) -> tuple[NetworkSettings, ...]:
    """Its networks that the same plan makes."""
    there = {one.name for card in asked.cards for one in card.interface.networks}
    return tuple(one for one in networks.private_networks(asked.request) if one.name not in there)
