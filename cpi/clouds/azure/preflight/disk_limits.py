"""Whether the disks of a plan can be made: properties, sizes, types that the region offers, and their quotas. Pure.

Takes requests, and types and usages as Azure tells them; gives findings. Limits that Azure does not tell are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cpi.clouds.azure.machines import disks, vms
from cpi.clouds.azure.preflight import capacity, findings
from cpi.clouds.azure.wire import config
from cpi.contract.errors import CloudError
from cpi.contract.values import DiskRequest, Finding, VmRequest
from cpi.kit import judge

Json = Mapping[str, Any]
_COUNTS = {
    "Standard_LRS": "StandardDiskCount",
    "StandardSSD_LRS": "StandardSSDDiskCount",
    "Premium_LRS": "PremiumDiskCount",
    "UltraSSD_LRS": "UltraSSDDiskCount",
}
"""What the call for usages names the count of disks of each type."""
_SIZES = {"UltraSSD_LRS": "UltraSSDDiskSizeInGB"}
"""Of these it counts the GiB, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDisk:
    """A disk to come. `gib` 0 is as large as its image."""

    type: str
    gib: int


def check_written(requests: Sequence[DiskRequest]) -> tuple[list[Finding], list[PlannedDisk]]:
    """Findings about disks that cannot be created as requested; and the other disks."""
    found, readable = [], []
    for request in requests:
        try:
            properties = disks.read_properties(request.cloud_properties, where="a disk")
            found += [findings.of_foreign_type(properties.type)] if properties.type else []
            gib = disks.size_gib(request.size_mib)
            readable.append(PlannedDisk(type=properties.storage_account_type, gib=gib))
        except CloudError as error:
            found.append(Finding.of(error))
    return list(dict.fromkeys(found)), readable


def system_disks(requests: Iterable[VmRequest], settings: config.AzureConfig) -> list[PlannedDisk]:
    """The disks that VMs start from."""
    return [_system_disk(vms.read_properties(one, settings)) for one in requests]


def read_freed(leaving: Iterable[Json]) -> Counter[str]:
    """What the disks of VMs that go leave free of each count."""
    types = [vm["properties"]["storageProfile"]["osDisk"]["managedDisk"]["storageAccountType"] for vm in leaving]
    return Counter(_COUNTS[str(one)] for one in types if str(one) in _COUNTS)


def check_types(wanted: Iterable[PlannedDisk], skus: Iterable[Json], *, location: str) -> list[Finding]:
    """Types that the region does not offer, where Azure lists any."""
    offered = {str(sku["name"]) for sku in skus if sku.get("resourceType") == "disks"}
    unknown = sorted({disk.type for disk in wanted} - offered) if offered else []
    where, setting = f"Location {location}", "storage_account_type, or root_disk's type,"
    return [judge.unknown_name("volume type", one, offered, where=where, setting=setting) for one in unknown]


def check_quotas(
    wanted: Iterable[PlannedDisk], usages: Iterable[Json], *, freed: Mapping[str, int], region: str
) -> list[Finding]:
    """Quotas of disks that the plan would pass."""
    more: Counter[str] = Counter()
    for disk in wanted:
        for name, amount in ((_COUNTS.get(disk.type), 1), (_SIZES.get(disk.type), disk.gib)):
            if name:
                more[name] += amount
    return capacity.over(usages, more, leaving=freed, region=region)


def _system_disk(found: config.VmProperties) -> PlannedDisk:
    return PlannedDisk(type=vms.system_disk_type(found), gib=vms.system_disk_gib(found))
