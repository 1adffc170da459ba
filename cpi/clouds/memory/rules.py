"""What the memory cloud refuses, as real clouds do: quotas, sizes, names, addresses.

Takes requests and what is there, gives nothing or raises what a cloud would.
"""

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cpi.clouds.memory.account import MemoryAccount
from cpi.contract.errors import CloudError, ConflictError, NoCapacityError, NotFoundError, NotSupportedError
from cpi.contract.values import JsonValue, NetworkSettings, StemcellRequest, VmRequest
from cpi.kit import judge, tag_limits
from cpi.kit.judge import Place, Size, VmFacts
from cpi.kit.tag_limits import TagLimits

_CLOUD = "The memory cloud"
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


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
    if name not in rules.sizes:
        raise _unknown("instance type", name, rules.sizes, setting="instance_type")
    return rules.sizes[name]


def check_zone(rules: Rules, cloud_properties: Mapping[str, JsonValue]) -> None:
    """Raises NotFoundError `unknown-zone`, NoCapacityError `instance-type-not-in-zone`."""
    zone, size = str(cloud_properties.get("zone", "")), str(cloud_properties.get("instance_type", "small"))
    if not rules.zones or not zone:
        return
    if zone not in rules.zones:
        raise _unknown("zone", zone, rules.zones, setting="zone")
    offering = frozenset(name for name, names in rules.zones.items() if size in names)
    place = Place(name=_CLOUD, sizes={name: Size(zones=offering) for name in rules.sizes})
    wanted = VmFacts(name="", size=size, zones=frozenset({zone}))
    for found in judge.sizes([wanted] if size in rules.sizes else [], place):
        raise NoCapacityError(found.code, found.what, why=found.why, fix=found.fix)


def check_slots(rules: Rules, request: VmRequest) -> None:
    """Raises CloudError, code `too-many-disks`, when a VM is to be born with more than it has slots for."""
    for found in judge.disks(request.name, len(request.disk_cids), rules.max_disks_of_vm):
        raise CloudError(found.code, found.what, why=found.why, fix=found.fix)


def check_image(rules: Rules, request: StemcellRequest) -> MemoryImage:
    """Raises NotSupportedError `stemcell-format`, NotFoundError `unknown-image`, CloudError `image-architecture`."""
    if request.image_path:
        raise NotSupportedError(
            "stemcell-format", "The memory cloud supports only light stemcells.", why=f"{request.image_path} is heavy."
        )
    name = str(request.cloud_properties.get("image", "default"))
    if name not in rules.images:
        raise _unknown("image", name, rules.images, setting="image")
    image, wanted = rules.images[name], str(request.cloud_properties.get("architecture", ""))
    if wanted and wanted != image.architecture:
        raise CloudError(
            "image-architecture", f"Image '{name}' is for {image.architecture}, the stemcell needs {wanted}."
        )
    return image


def check_landing_name(rules: Rules, name: str) -> None:
    """Raises ConflictError, code `name-taken`."""
    if name in rules.taken_names:
        raise ConflictError(
            "name-taken", f"Another account has the name '{name}'.", fix="Choose another in the environment file."
        )


def check_name(request: VmRequest) -> None:
    """Raises CloudError, code `vm-name-invalid`, for what is no short host name."""
    if not _NAME.fullmatch(request.name):
        raise CloudError(
            "vm-name-invalid",
            f"'{request.name}' is not a valid VM name.",
            why="A name has at most 63 of a-z, 0-9 and '-', and neither begins nor ends with '-'.",
        )


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
    if not 0 < size_mib <= rules.max_disk_mib:
        raise CloudError(
            "disk-size-invalid",
            f"A disk of {size_mib} MiB is not supported.",
            why=f"Disks have between 1 and {rules.max_disk_mib} MiB.",
        )


def network_name(settings: NetworkSettings) -> str:
    """The cloud's name of a network: its cloud property `network`, else the name BOSH has for it."""
    return str(settings.cloud_properties.get("network", settings.name))


def range_of(networks: Mapping[str, str], settings: NetworkSettings) -> ipaddress.IPv4Network:
    """The network's range. Raises NotFoundError, code `unknown-network`."""
    name = network_name(settings)
    if name not in networks:
        raise _unknown("network", name, networks, setting="network")
    return ipaddress.IPv4Network(networks[name])


def check_address(address: str, within: ipaddress.IPv4Network, taken: Collection[str]) -> None:
    """Raises CloudError `address-outside-network`, ConflictError `address-taken`."""
    wanted = ipaddress.IPv4Address(address)
    if wanted not in within or wanted in (within.network_address, within.broadcast_address):
        raise CloudError("address-outside-network", f"{address} is not a usable address of {within}.")
    if address in taken:
        raise ConflictError("address-taken", f"Another VM has the address {address}.")


def free_address(within: ipaddress.IPv4Network, taken: Collection[str]) -> str:
    """The lowest free address after the gateway. Raises NoCapacityError, code `subnet-full`."""
    for number, host in enumerate(within.hosts()):
        if number and str(host) not in taken:
            return str(host)
    raise NoCapacityError("subnet-full", f"No address is free in {within}.")


def _unknown(kind: str, name: str, known: Collection[str], *, setting: str) -> NotFoundError:
    found = judge.unknown_name(kind, name, known, where=_CLOUD, setting=setting)
    return NotFoundError(found.code, found.what, why=found.why, fix=found.fix)
