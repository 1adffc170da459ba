"""What a plan's disks would meet at EBS: types that there are, and the limits on TiB of each type.

Takes a plan's VMs and disks, asks what there is, gives findings.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cpi.aws import disks, quotas
from cpi.aws.api import Api
from cpi.aws.config import DiskProperties, VmProperties
from cpi.values import DiskRequest, Finding, PreflightRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume:
    """A volume to come."""

    type: str
    gib: int


def of_disk(request: DiskRequest, properties: DiskProperties) -> Volume:
    """Raises CloudError, code disk-size-invalid."""
    return Volume(type=properties.type, gib=disks.gib_of(request.size_mib))


def of_vm(properties: VmProperties, *, image_gib: int) -> tuple[Volume, ...]:
    """Those that are made with a VM: its root disk, and where it has one of EBS, its ephemeral disk."""
    root, ephemeral = properties.root_disk, properties.ephemeral_disk
    size_gib = max(image_gib, disks.gib_of(root.size)) if root.size else image_gib
    made = [Volume(type=root.type, gib=size_gib)]
    if ephemeral and not ephemeral.use_instance_storage and not ephemeral.use_root_disk:
        made.append(Volume(type=ephemeral.type, gib=disks.ephemeral_gib(ephemeral)))
    return tuple(made)


def check(api: Api, wanted: Iterable[Volume], request: PreflightRequest) -> Iterator[Finding]:
    """Types that are none, and limits that the volumes would pass beside those that are there and stay."""
    asked: Counter[str] = Counter()
    for volume in wanted:
        asked[volume.type] += volume.gib
    for kind in sorted(asked.keys() - quotas.VOLUMES.keys()):
        yield _no_type(kind)
    if not asked.keys() & quotas.VOLUMES.keys():
        return
    used = _load_used(api, request)
    for kind in sorted(asked.keys() & quotas.VOLUMES.keys()):
        found = quotas.judge_gib(
            quotas.Load(code=quotas.VOLUMES[kind], unit="TiB", used=used[kind], asked=asked[kind]),
            quotas.load_limit(api, quotas.VOLUMES[kind]),
            api.region,
        )
        if found is not None:
            yield found


def _load_used(api: Api, request: PreflightRequest) -> Counter[str]:
    """GiB by type, without the volumes that go with VMs that go."""
    used: Counter[str] = Counter()
    for one in api.list_all("DescribeVolumes", "Volumes", MaxResults=500):
        leaves = any(
            held.get("DeleteOnTermination") and held.get("InstanceId") in request.leaving
            for held in one.get("Attachments", ())
        )
        if not leaves:
            used[str(one["VolumeType"])] += int(one["Size"])
    return used


def _no_type(kind: str) -> Finding:
    return Finding(
        code="volume-type-unknown",
        what=f"EBS has no volumes of type '{kind}'.",
        why=f"It has {', '.join(sorted(quotas.VOLUMES))}.",
        fix="Correct `type` of the disk in the cloud config.",
    )
