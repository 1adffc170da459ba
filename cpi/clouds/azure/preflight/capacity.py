"""What a plan needs against what the region offers and the subscription may have. Pure.

Takes sizes and usages as Azure tells them, gives findings.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from cpi.clouds.azure.machines import vms
from cpi.clouds.azure.wire import config
from cpi.contract.value_classes import dataclass
from cpi.contract.values import Finding, VmRequest
from cpi.kit import judge
from cpi.kit.judge import Limit, Place, Size, VmFacts
from cpi.kit.network_interfaces import interfaces_of

Json = Mapping[str, Any]
NO_NAMES: Mapping[str, tuple[str, ...]] = MappingProxyType({})
NETWORK_NAMES = frozenset({"PublicIPAddresses", "StandardSkuPublicIpAddresses"})
_ARM = re.compile(r"Standard_[A-Z]+\d+(-\d+)?[a-z]*p[a-z]*(_v\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """A VM size in this region: what its cores count for, and what the kit judges."""

    family: str
    cpus: int
    size: Size
    has_os_disk_on_host: bool


def planned_vm(request: VmRequest, settings: config.AzureConfig) -> VmFacts:
    """A VM to come, from its request."""
    found = vms.read_properties(request, settings)
    zones = frozenset({found.availability_zone} if found.availability_zone else ())
    return VmFacts(
        name=request.name,
        size=vms.size_of(found, settings),
        zones=zones,
        disks=request.disk_count,
        interfaces=len(interfaces_of(request.networks)),
    )


def read_skus(listed: Iterable[Json]) -> dict[str, Sku]:
    """Sizes by name, of what Microsoft.Compute/skus tells."""
    return {str(sku["name"]): _sku(sku) for sku in listed if sku.get("resourceType") == "virtualMachines"}


def architecture_of(size: str) -> str:
    """By the size's name: a p among its letters means ARM."""
    return "arm64" if _ARM.fullmatch(size) else "x86_64"


def cores_by_family(sizes: Iterable[str], skus: Mapping[str, Sku]) -> dict[str, int]:
    """Cores of these sizes, by family, and all together under "cores"; how many under "virtualMachines"."""
    cores: Counter[str] = Counter()
    for name in sizes:
        if name in skus:
            cores[skus[name].family] += skus[name].cpus
            cores["cores"] += skus[name].cpus
            cores["virtualMachines"] += 1
    return dict(cores)


def check_sizes(wanted: Sequence[VmFacts], skus: Mapping[str, Sku], *, location: str) -> list[Finding]:
    """Sizes that are not offered here or in the zone, or are too small for the disks."""
    sizes = {name: sku.size for name, sku in skus.items()}
    return list(judge.sizes(wanted, Place(name=f"Location {location}", sizes=sizes)))


def check_disks(growing: Iterable[VmFacts], skus: Mapping[str, Sku]) -> list[Finding]:
    """VMs that are there, and whose sizes are too small for the disks that they get."""
    known = [vm for vm in growing if vm.size in skus]
    return [one for vm in known for one in judge.disks(vm.name, vm.disks, skus[vm.size].size.most_disks, size=vm.size)]


def check_placements(
    requests: Iterable[VmRequest], skus: Mapping[str, Sku], settings: config.AzureConfig
) -> list[Finding]:
    """VMs that want their OS disk on the host, and a size whose hosts have no room for it."""
    found: list[Finding] = []
    for request in requests:
        properties = vms.read_properties(request, settings)
        size = vms.size_of(properties, settings)
        if vms.is_on_host(properties) and size in skus and not skus[size].has_os_disk_on_host:
            found.append(
                Finding(
                    code="os-disk-placement-not-supported",
                    what=f"Size '{size}' of VM '{request.name}' supports no OS disk on its host.",
                    why="root_disk.placement requests it, and Azure lists the size without EphemeralOSDiskSupported.",
                    fix="Choose another instance_type, or remove root_disk.placement.",
                    property_path="root_disk.placement",
                    written_names=(size, request.name),
                )
            )
    return found


def check_cores(
    wanted: Sequence[VmFacts],
    skus: Mapping[str, Sku],
    *,
    usages: Iterable[Json],
    leaving: Mapping[str, int],
    region: str,
) -> list[Finding]:
    """Quotas of cores that the plan would pass."""
    sizes = list(dict.fromkeys(vm.size for vm in wanted))
    more = cores_by_family([vm.size for vm in wanted], skus)
    return over(
        usages,
        more,
        leaving=leaving,
        region=region,
        named={name: tuple(size for size in sizes if name in cores_by_family([size], skus)) for name in more},
    )


def check_addresses(called: Sequence[str], *, usages: Iterable[Json], region: str) -> list[Finding]:
    """The quota of public addresses, of these names or for these VMs."""
    more = dict.fromkeys(NETWORK_NAMES, len(called)) if called else {}
    return over(usages, more, leaving={}, region=region, named=dict.fromkeys(NETWORK_NAMES, tuple(called)))


def over(
    usages: Iterable[Json],
    more: Mapping[str, int],
    *,
    leaving: Mapping[str, int],
    region: str,
    named: Mapping[str, tuple[str, ...]] = NO_NAMES,
) -> list[Finding]:
    """Quotas that `more` would pass when `leaving` is gone, and what is left of others.

    All by the name of a usage, in any case; `named` says what documents call that which counts.
    """
    called = {name.lower(): names for name, names in named.items()}
    wanted = {name.lower(): count for name, count in more.items()}
    going = {name.lower(): count for name, count in leaving.items()}
    found: list[Finding] = []
    for usage in usages:
        name = str(usage["name"]["value"])
        about = Limit(
            name=name,
            label=f"'{name}' in {region}",
            unit="Count",
            used=int(usage["currentValue"]) - going.get(name.lower(), 0),
            limit=int(usage["limit"]),
            asked=wanted.get(name.lower(), 0),
            fix="Run `compleat doctor --request-quota`, or choose a size of another family.",
            written_names=called.get(name.lower(), ()),
        )
        found += (*judge.limit(about, region=region), *judge.limit_left(about, region=region))
    return found


def _sku(sku: Json) -> Sku:
    able = {str(one["name"]): str(one["value"]) for one in sku.get("capabilities", [])}
    restrictions: list[Json] = sku.get("restrictions") or []
    whole = [str(one.get("reasonCode", "")) for one in restrictions if one.get("type") != "Zone"]
    zones = [zone for one in restrictions for zone in (one.get("restrictionInfo") or {}).get("zones", [])]
    offered = {zone for place in sku.get("locationInfo", []) for zone in place.get("zones", [])}
    size = Size(
        zones=frozenset(offered - set(zones)),
        most_disks=int(able.get("MaxDataDiskCount", "0")),
        most_interfaces=int(able["MaxNetworkInterfaces"]) if "MaxNetworkInterfaces" in able else None,
        architectures=(architecture_of(str(sku["name"])),),
        restricted=whole[0] if whole else "",
    )
    return Sku(
        family=str(sku.get("family", "")),
        cpus=int(able.get("vCPUs", "0")),
        size=size,
        has_os_disk_on_host=able.get("EphemeralOSDiskSupported", "") == "True",
    )
