"""What the memory cloud refuses, as real clouds do: quotas, sizes, names, addresses.

Takes requests and what is there, gives nothing or raises what a cloud would.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import field

from cpi.clouds.memory.account import MemoryAccount
from cpi.contract.errors import NoCapacityError, NotSupportedError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue, NetworkSettings, StemcellRequest, VmRequest
from cpi.kit import judge, tag_limits
from cpi.kit.judge import ImageFacts, Place, Size, SubnetFacts, VmFacts
from cpi.kit.tag_limits import TagLimits

_CLOUD = "The memory cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySize:
    """`hourly` is an invented price."""

    cpu: int
    ram_mib: int
    family: str = "plain"
    hourly: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryImage:
    os: str
    version: str
    architecture: str = "x86_64"


def _sizes() -> Mapping[str, MemorySize]:
    return {
        "small": MemorySize(cpu=1, ram_mib=2048, hourly="0.0100"),
        "medium": MemorySize(cpu=2, ram_mib=8192, hourly="0.0400"),
        "large": MemorySize(cpu=8, ram_mib=32768, family="big", hourly="0.1600"),
    }


def _images() -> Mapping[str, MemoryImage]:
    return {
        "default": MemoryImage(os="memory-linux", version="1.0"),
        "ubuntu-22.04": MemoryImage(os="ubuntu", version="22.04"),
        "ubuntu-24.04": MemoryImage(os="ubuntu", version="24.04"),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The account's limits, and what the cloud has from the start: sizes, images, networks (name to CIDR).

    `zones` maps a zone to the sizes it offers; empty, every name is a zone with all sizes. `taken_names` are names
    of landing resources that somebody else has. What `max_family_cpus` does not name has no limit of its own.
    With `has_storage` landing zones get object storage.
    """

    sizes: Mapping[str, MemorySize] = field(default_factory=_sizes)
    images: Mapping[str, MemoryImage] = field(default_factory=_images)
    networks: Mapping[str, str] = field(default_factory=dict)
    zones: Mapping[str, frozenset[str]] = field(default_factory=dict)
    region: str = "memory-1"
    account: MemoryAccount = field(default_factory=MemoryAccount)
    taken_names: frozenset[str] = frozenset()
    max_vms: int = 500
    max_cpus: int = 2000
    max_family_cpus: Mapping[str, int] = field(default_factory=dict)
    max_disks: int = 500
    max_all_disks_mib: int = 512 * 1024 * 1024
    max_networks: int = 50
    max_stemcells: int = 50
    max_disk_mib: int = 4 * 1024 * 1024
    max_disks_of_vm: int = 8
    max_public_addresses: int = 5
    max_tags: int = 50
    max_tag_length: int = 256
    has_storage: bool = False


READ = {
    "vm": ("instance_type", "zone"),
    "disk": ("zone",),
    "network": ("network",),
    "stemcell": ("architecture", "image"),
}
"""The cloud properties that anything here looks at; others are remarked."""


def size_of(rules: Rules, cloud_properties: Mapping[str, JsonValue]) -> MemorySize:
    """The size that `instance_type` names, "small" when it is absent. Raises NotFoundError: unknown-instance-type."""
    name = str(cloud_properties.get("instance_type", "small"))
    judge.require_known("instance type", name, rules.sizes, where=_CLOUD, setting="instance_type")
    return rules.sizes[name]


def check_zone(rules: Rules, cloud_properties: Mapping[str, JsonValue]) -> None:
    """Raises NotFoundError `unknown-zone`, NoCapacityError `instance-type-not-in-zone`."""
    zone, size = str(cloud_properties.get("zone", "")), str(cloud_properties.get("instance_type", "small"))
    if not rules.zones or not zone:
        return
    judge.require_known("zone", zone, rules.zones, where=_CLOUD, setting="zone")
    offering = frozenset(name for name, names in rules.zones.items() if size in names)
    place = Place(name=_CLOUD, sizes={name: Size(zones=offering) for name in rules.sizes})
    wanted = VmFacts(name="", size=size, zones=frozenset({zone}))
    judge.require(judge.sizes([wanted] if size in rules.sizes else [], place), NoCapacityError)


def check_slots(rules: Rules, request: VmRequest) -> None:
    """Raises CloudError, code `too-many-disks`, when a VM is to be born with more than it has slots for."""
    judge.require(judge.disks(request.name, request.disk_count, rules.max_disks_of_vm))


def check_image(rules: Rules, request: StemcellRequest) -> MemoryImage:
    """Raises NotSupportedError `stemcell-format`, NotFoundError `unknown-image`, CloudError `image-architecture`."""
    if request.image_path:
        raise NotSupportedError(
            "stemcell-format",
            "The memory cloud supports only light stemcells.",
            why=f"It was given {request.image_path}.",
        )
    name = str(request.cloud_properties.get("image", "default"))
    judge.require_known("image", name, rules.images, where=_CLOUD, setting="image")
    image, wanted = rules.images[name], str(request.cloud_properties.get("architecture", ""))
    judge.require(judge.image_architecture(ImageFacts(name=f"Image '{name}'", architecture=image.architecture), wanted))
    return image


def check_landing_name(rules: Rules, name: str) -> None:
    """Raises ConflictError, code `name-taken`."""
    if name in rules.taken_names:
        raise judge.name_taken("landing resource", name, why="Another account has it.")


def check_tags(rules: Rules, tags: Mapping[str, str]) -> None:
    """Raises CloudError, codes `too-many-tags`, `tag-too-long`, `tag-not-allowed`."""
    tag_limits.require(tags, tag_limits_of(rules))


def tag_limits_of(rules: Rules) -> TagLimits:
    """What this cloud keeps of tags."""
    return TagLimits(
        cloud="the memory cloud",
        most=rules.max_tags,
        longest_name=rules.max_tag_length,
        longest_value=rules.max_tag_length,
        forbidden=re.compile(r"[\x00-\x1f/]"),
        allowed="everything but '/' and control characters",
    )


def check_disk_size(rules: Rules, size_mib: int) -> None:
    """Raises CloudError `disk-size-invalid`."""
    judge.require_disk_size(size_mib, cloud=_CLOUD, most_mib=rules.max_disk_mib)


def network_name(settings: NetworkSettings) -> str:
    """The cloud's name of a network: its cloud property `network`, else the name BOSH has for it."""
    return str(settings.cloud_properties.get("network", settings.name))


def range_of(networks: Mapping[str, str], settings: NetworkSettings) -> ipaddress.IPv4Network:
    """The network's range. Raises NotFoundError, code `unknown-network`."""
    name = network_name(settings)
    judge.require_known("network", name, networks, where=_CLOUD, setting="network")
    return ipaddress.IPv4Network(networks[name])


def subnet_of(within: ipaddress.IPv4Network) -> SubnetFacts:
    """A network as the kit judges it: without its own address and the broadcast address, and full."""
    return SubnetFacts(name=f"Network {within}", ranges=(str(within),), free=0, first=1, last=1)


def free_address(within: ipaddress.IPv4Network, taken: Collection[str]) -> str:
    """The lowest free address after the gateway. Raises NoCapacityError, code `subnet-full`."""
    for number, host in enumerate(within.hosts()):
        if number and str(host) not in taken:
            return str(host)
    judge.require([judge.full(subnet_of(within), 1)], NoCapacityError)
    return ""
