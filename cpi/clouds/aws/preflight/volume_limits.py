"""What a plan's disks would meet at EBS: types that there are, and the limits on TiB and IOPS of each type.

Takes a plan's VMs and disks, asks what there is, gives findings.
"""

from collections.abc import Iterable, Iterator, Sequence

from cpi.clouds.aws.machines import block_device_mappings, disks, volume_types
from cpi.clouds.aws.machines.block_device_mappings import DiskRequests
from cpi.clouds.aws.machines.volume_types import Volume
from cpi.clouds.aws.preflight import quotas
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig, DiskProperties
from cpi.contract.values import DiskRequest, Finding, PreflightRequest
from cpi.kit import judge


def of_disk(request: DiskRequest, properties: DiskProperties) -> Volume:
    """Raises CloudError, code disk-size-invalid."""
    gib = disks.gib_of(request.size_mib)
    return Volume(type=properties.type, gib=gib, iops=properties.iops, throughput=properties.throughput)


def of_vm(requested_disks: DiskRequests, config: AwsConfig) -> tuple[Volume, ...]:
    """Those that are made with a VM: its root disk, and where it has one of EBS, its ephemeral disk."""
    made = [
        (block_device_mappings.root_disk(requested_disks, config), True),
        (block_device_mappings.ephemeral_disk(requested_disks, config), False),
    ]
    return tuple(
        Volume(type=one.type, gib=one.gib, iops=one.iops, throughput=one.throughput, is_root=is_root)
        for one, is_root in made
        if one is not None
    )


def check(api: Api, wanted: Sequence[Volume], request: PreflightRequest) -> Iterator[Finding]:
    """Types and settings that EBS refuses; limits that the volumes would pass beside those that are there and stay."""
    for kind in sorted({volume.type for volume in wanted} - quotas.VOLUMES.keys()):
        yield judge.unknown_name("volume type", kind, quotas.VOLUMES, where="EBS", setting="a disk's `type`")
    for kind in sorted({volume.type for volume in wanted if volume.iops is None} & quotas.IOPS.keys()):
        yield _no_iops(kind)
    for volume in dict.fromkeys(wanted):
        yield from volume_types.check(volume)
    asked = [volume for volume in wanted if volume.type in quotas.VOLUMES]
    there = tuple(_load_staying(api, request)) if asked else ()
    for kind in sorted({volume.type for volume in asked}):
        gib = quotas.QuotaUse(code=quotas.VOLUMES[kind], unit="TiB", used=_gib(there, kind), asked=_gib(asked, kind))
        found = quotas.judge_gib(gib, quotas.load_limit(api, gib.code), api.region)
        if found is not None:
            yield found
    for kind in sorted({volume.type for volume in asked} & quotas.IOPS.keys()):
        iops = quotas.QuotaUse(code=quotas.IOPS[kind], unit="IOPS", used=_iops(there, kind), asked=_iops(asked, kind))
        found = quotas.judge(iops, quotas.load_limit(api, iops.code), api.region)
        if found is not None:
            yield found


def _gib(volumes: Iterable[Volume], kind: str) -> int:
    return sum(volume.gib for volume in volumes if volume.type == kind)


def _iops(volumes: Iterable[Volume], kind: str) -> int:
    return sum(volume.iops or 0 for volume in volumes if volume.type == kind)


def _load_staying(api: Api, request: PreflightRequest) -> Iterator[Volume]:
    """What there is, without the volumes that go with VMs that go."""
    for one in api.list_all("DescribeVolumes", "Volumes", MaxResults=500):
        leaves = any(
            held.get("DeleteOnTermination") and held.get("InstanceId") in request.leaving
            for held in one.get("Attachments", ())
        )
        if not leaves:
            yield Volume(type=str(one["VolumeType"]), gib=int(one["Size"]), iops=one.get("Iops"))


def _no_iops(kind: str) -> Finding:
    return Finding(
        code="volume-iops-missing",
        what=f"A disk of type '{kind}' has no iops.",
        why="EBS requires iops for this type.",
        fix="Set `iops` with `type` in the cloud config, or use type gp3.",
    )
