"""What a plan's disks would meet at EBS: types that there are, and the limits on TiB and IOPS of each type.

Takes a plan's VMs and disks, asks what there is, gives findings.
"""

from collections.abc import Iterable, Iterator, Sequence

from cpi.clouds.aws.machines import block_device_mappings, disks, volume_types
from cpi.clouds.aws.machines.block_device_mappings import DiskRequests
from cpi.clouds.aws.preflight import quotas
from cpi.clouds.aws.wire.api import Api
from cpi.clouds.aws.wire.config import AwsConfig, DiskProperties
from cpi.contract.values import DiskRequest, Finding, PreflightRequest
from cpi.kit import judge
from cpi.kit.judge import Volume


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
    yield from judge.volumes(wanted, volume_types.TYPES)
    asked = [volume for volume in wanted if volume.type in quotas.VOLUMES]
    there = tuple(_load_staying(api, request)) if asked else ()
    vms = tuple(vm.name for vm in (*request.vms, *request.growing))
    for kind in sorted({volume.type for volume in asked}):
        gib = quotas.QuotaUse(
            code=quotas.VOLUMES[kind], unit="TiB", used=_gib(there, kind), asked=_gib(asked, kind), names=(kind, *vms)
        )
        yield from quotas.check_gib(api, gib)
    for kind in sorted({volume.type for volume in asked} & quotas.IOPS.keys()):
        iops = quotas.QuotaUse(
            code=quotas.IOPS[kind], unit="IOPS", used=_iops(there, kind), asked=_iops(asked, kind), names=(kind, *vms)
        )
        yield from quotas.check(api, iops)


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
