"""Whether the disks of a plan can be made: properties, sizes, types that the region offers, and their quotas. Pure.

Takes requests, and types and usages as Azure tells them; gives findings. Limits that Azure does not tell are left out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cpi.clouds.azure.machines import disks, vms
from cpi.clouds.azure.preflight import capacity
from cpi.clouds.azure.wire import config
from cpi.contract.values import DiskRequest, Finding, VmRequest
from cpi.kit import judge
from cpi.kit.judge import Volume, VolumeRule, VolumeTypes

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


def check_written(requests: Sequence[DiskRequest]) -> tuple[list[Finding], list[Volume]]:
    """Findings about disks with unusable properties or sizes, and the other disks."""
    readable, refused = judge.readable(requests, _read)
    why = "Azure's own word is storage_account_type, StandardSSD_LRS where none is written."
    unused = [
        judge.unused_property(f"'type: {written}'", "a disk", cloud="Azure", why=why)
        for written, _ in readable
        if written
    ]
    return [*refused, *dict.fromkeys(unused)], [volume for _, volume in readable]


def system_disks(requests: Iterable[VmRequest], settings: config.AzureConfig) -> list[Volume]:
    """The disks that VMs start from."""
    read = [vms.read_properties(one, settings) for one in requests]
    return [_system_disk(found) for found in read if not vms.is_on_host(found)]


def read_freed(leaving: Iterable[Json]) -> Counter[str]:
    """What the disks of VMs that go leave free of each count."""
    disks_there = [vm["properties"]["storageProfile"]["osDisk"].get("managedDisk", {}) for vm in leaving]
    types = [disk.get("storageAccountType", "") for disk in disks_there]
    return Counter(_COUNTS[str(one)] for one in types if str(one) in _COUNTS)


def check_types(wanted: Iterable[Volume], skus: Iterable[Json], *, location: str) -> list[Finding]:
    """Types that the region does not offer, where Azure lists any."""
    rules = {str(sku["name"]): VolumeRule() for sku in skus if sku.get("resourceType") == "disks"}
    setting = "storage_account_type, or root_disk's type,"
    types = VolumeTypes(where=f"Location {location}", rules=rules, setting=setting)
    return list(judge.volumes((replace(disk, gib=0) for disk in wanted), types)) if rules else []


def check_quotas(
    wanted: Iterable[Volume], usages: Iterable[Json], *, freed: Mapping[str, int], region: str
) -> list[Finding]:
    """Quotas of disks that the plan would pass."""
    more: Counter[str] = Counter()
    named: dict[str, tuple[str, ...]] = {}
    for disk in wanted:
        for name, amount in ((_COUNTS.get(disk.type), 1), (_SIZES.get(disk.type), disk.gib)):
            if name:
                more[name] += amount
                named[name] = (disk.type,)
    return capacity.over(usages, more, leaving=freed, region=region, named=named)


def _read(request: DiskRequest) -> tuple[str | None, Volume]:
    properties = disks.read_properties(request.cloud_properties, where="a disk")
    volume = Volume(type=properties.storage_account_type, gib=disks.size_gib(request.size_mib))
    return properties.type, volume


def _system_disk(found: config.VmProperties) -> Volume:
    return Volume(type=vms.system_disk_type(found), gib=vms.system_disk_gib(found), is_root=True)
