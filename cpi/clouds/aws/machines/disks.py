"""Persistent disks and snapshots: request bodies built, answers read. Pure.

Takes requests and EC2's answers, gives request parts and values. EBS knows whole GiB only: a disk is as large as asked,
or a little larger.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.config import AwsConfig, DiskProperties, EphemeralProperties, read_properties
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.values import DiskCid, DiskRequest, FoundDisk, FoundSnapshot, JsonValue, OwnerKey, SnapshotCid, VmCid
from cpi.kit import foreign_cids, judge
from cpi.kit import tags as owner_tags

_MIB_OF_GIB = 1024
_MOST_GIB = 16384
_DEVICES = tuple(f"/dev/sd{letter}" for letter in "fghijklmnop")
"""What AWS recommends for data disks; /dev/sdb to sde are for the instance's own."""

_XEN = frozenset(
    {"t1", "t2", "m1", "m2", "m3", "m4", "c1", "c3", "c4", "r3", "r4", "i2", "d2", "h1", "x1", "x1e"}
    | {"p2", "p3", "g2", "g3", "g3s", "f1", "cc2", "cr1", "hs1", "i3"}
)
"""Families whose disks are Xen's; i3 has NVMe for its own disks and Xen's for EBS on all but bare metal."""


def gib_of(size_mib: int) -> int:
    """Whole GiB that hold `size_mib`. Raises CloudError, code disk-size-invalid."""
    return judge.whole_gib(size_mib, cloud="AWS", most_gib=_MOST_GIB)


def read_disk_properties(written: Mapping[str, JsonValue], config: AwsConfig) -> DiskProperties:
    """A disk's cloud properties. Raises unknown-cloud-property, wrong-cloud-property, key-without-encryption."""
    found = read_properties(DiskProperties, written, where="a disk")
    check_key(found, config, where="A disk")
    return found


def write_disk(request: DiskRequest, properties: DiskProperties, *, zone: str, config: AwsConfig) -> dict[str, Any]:
    """CreateVolume."""
    resource_tags.check_others(request.tags)
    label = resource_tags.Label(owner=request.owner, kind=names.DISK, others={**request.tags, **properties.tags})
    is_encrypted = config.encrypted if properties.encrypted is None else properties.encrypted
    volume = write_kind(properties.type, properties.iops, properties.throughput)
    return {
        "AvailabilityZone": zone,
        "Size": gib_of(request.size_mib),
        **volume,
        **write_encryption(properties.kms_key_arn or config.kms_key_arn, is_encrypted=is_encrypted),
        "ClientToken": names.token_of(request.owner),
        "TagSpecifications": resource_tags.specify(label, "volume"),
    }


def check_key(properties: DiskProperties | EphemeralProperties, config: AwsConfig, *, where: str) -> None:
    """Raises CloudError, code key-without-encryption: a key is named, and the disk is not encrypted."""
    is_encrypted = config.encrypted if properties.encrypted is None else properties.encrypted
    if properties.kms_key_arn and not is_encrypted:
        raise CloudError(
            "key-without-encryption",
            f"{where} has a kms_key_arn but is not encrypted.",
            why="AWS accepts a key only for an encrypted disk.",
            fix="Set `encrypted: true` with kms_key_arn, or remove kms_key_arn.",
        )


def free_device(used: Iterable[str]) -> str:
    """The first device name no disk of the VM has. Raises CloudError, code too-many-disks."""
    taken = set(used)
    found = next((device for device in _DEVICES if device not in taken), None)
    if found is None:
        raise CloudError(
            "too-many-disks",
            f"The VM already has {len(_DEVICES)} disks, the maximum.",
            fix="Spread the disks over more VMs.",
        )
    return found


def hint_of(device: str, volume: str, *, instance_type: str) -> str:
    """Under which path the VM finds the disk: Xen keeps the device's letter, Nitro shows NVMe by the volume's id."""
    if has_xen(instance_type):
        return device.replace("/dev/sd", "/dev/xvd")
    return f"/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_{volume.replace('-', '')}"


def read_disk(answer: Mapping[str, Any]) -> FoundDisk | None:
    """A disk of DescribeVolumes; None: without an owner key."""
    tags = resource_tags.read_tags(answer.get("Tags", ()))
    owner = owner_tags.read_owner(tags)
    if owner is None or tags.get(names.KIND_TAG) != names.DISK:
        return None
    holder = holder_of(answer)
    return FoundDisk(
        cid=DiskCid(answer["VolumeId"]),
        owner=owner,
        size_mib=int(answer["Size"]) * _MIB_OF_GIB,
        vm_cid=VmCid(holder) if holder else None,
        tags=resource_tags.other_tags(tags),
    )


def holder_of(answer: Mapping[str, Any]) -> str:
    """The instance a volume is attached to, "" when to none; one that is being let go of has it still."""
    held = [one for one in answer.get("Attachments", ()) if one.get("State") != "detached"]
    return str(held[0].get("InstanceId", "")) if held else ""


def is_attached(answer: Mapping[str, Any]) -> bool:
    """Whether an instance sees a volume that was given to it."""
    return any(one.get("State") == "attached" for one in answer.get("Attachments", ()))


def is_letting_go(answer: Mapping[str, Any]) -> bool:
    """Whether a volume is on its way off an instance."""
    return any(one.get("State") == "detaching" for one in answer.get("Attachments", ()))


def is_gone(answer: Mapping[str, Any]) -> bool:
    """Whether a volume is deleted, or about to be."""
    return answer.get("State") in ("deleting", "deleted")


def has_failed(answer: Mapping[str, Any]) -> bool:
    """Whether AWS gave a volume up."""
    return answer.get("State") == "error"


def write_snapshot(cid: DiskCid, owner: OwnerKey, tags: Mapping[str, str]) -> dict[str, Any]:
    """CreateSnapshot; EC2 has no token for it."""
    label = resource_tags.Label(owner=owner, kind=names.SNAPSHOT, others=tags)
    return {"VolumeId": cid, "TagSpecifications": resource_tags.specify(label, "snapshot")}


def read_snapshot(answer: Mapping[str, Any]) -> FoundSnapshot | None:
    """A snapshot of DescribeSnapshots; None: without an owner key."""
    tags = resource_tags.read_tags(answer.get("Tags", ()))
    owner = owner_tags.read_owner(tags)
    if owner is None:
        return None
    cid, disk = SnapshotCid(answer["SnapshotId"]), DiskCid(answer["VolumeId"])
    return FoundSnapshot(cid=cid, owner=owner, disk_cid=disk, tags=resource_tags.other_tags(tags))


def require_disk(cid: DiskCid) -> None:
    """Refuse what can be no volume's id. Raises NotFoundError, code unknown-disk; CloudError, code foreign-cid."""
    if not names.is_cid(cid, "vol"):
        foreign_cids.require_own(cid, what="disk", cloud="AWS")
        raise NotFoundError("unknown-disk", f"AWS has no disk '{cid}'.")


def has_xen(instance_type: str) -> bool:
    """Whether its disks are called as Xen calls them."""
    return instance_type.partition(".")[0] in _XEN and not instance_type.endswith(".metal")


def write_kind(kind: str, iops: int | None, throughput: int | None) -> dict[str, Any]:
    """The request parameters of a volume's type, without AWS's defaults."""
    volume: dict[str, Any] = {"VolumeType": kind}
    if iops is not None:
        volume["Iops"] = iops
    if throughput is not None:
        volume["Throughput"] = throughput
    return volume


def write_encryption(key: str, *, is_encrypted: bool) -> dict[str, Any]:
    """`key` "" is AWS's own."""
    if not is_encrypted:
        return {}
    return {"Encrypted": True, "KmsKeyId": key} if key else {"Encrypted": True}
