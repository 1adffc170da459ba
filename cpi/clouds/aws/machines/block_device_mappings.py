"""The disks that a VM is made with: its root disk, and for a bosh-agent its ephemeral disk. Pure.

Takes a VM's properties and the settings, gives disks and their part of RunInstances. A bosh-agent formats and mounts an
ephemeral disk of its own. compleat's guest keeps its data on the root disk, so there the ephemeral disk is a part of
the root disk, which grows by its size and takes its type, IOPS, throughput and key.
Source: cloudfoundry/bosh-aws-cpi-release block_device_manager.rb @f8ae83b.
"""

from collections.abc import Mapping
from typing import Any

from cpi.clouds.aws.machines import disks
from cpi.clouds.aws.wire.config import AwsConfig, EphemeralProperties, VmProperties, VolumeProperties
from cpi.contract.errors import CloudError
from cpi.contract.value_classes import dataclass
from cpi.kit import judge

EPHEMERAL_DEVICE = "/dev/sdb"
_FIRST_OWN_DISK = "/dev/nvme1n1"
"""The instance's own first disk on Nitro: nvme0n1 is the root disk."""
_USUAL_EPHEMERAL_GIB = 10
"""As in BOSH's CPI."""
_VOLUME = ("type", "iops", "throughput")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDisk:
    """A disk to come. `kms_key` "" is AWS's own key."""

    gib: int
    type: str
    iops: int | None
    throughput: int | None
    is_encrypted: bool
    kms_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskRequests:
    """What decides a VM's own disks; `image_gib` is the size of its image."""

    properties: VmProperties
    image_gib: int
    has_agent: bool


def check(name: str, properties: VmProperties, config: AwsConfig, *, has_agent: bool) -> None:
    """Refuse an invalid ephemeral disk of VM `name`.

    Raises CloudError: instance-storage-with-settings, key-without-encryption; NotSupportedError, code
    property-not-supported.
    """
    wanted = properties.ephemeral_disk
    if wanted is None or wanted.use_root_disk:
        return
    if wanted.use_instance_storage:
        _check_instance_storage(name, wanted, has_agent=has_agent)
        return
    disks.check_key(wanted, config, where=f"The ephemeral disk of VM '{name}'")


def root_disk(requested_disks: DiskRequests, config: AwsConfig) -> OwnDisk:
    """At least as large as the image."""
    root, part = requested_disks.properties.root_disk, _part_of_root(requested_disks)
    gib = max(requested_disks.image_gib, disks.gib_of(root.size)) if root.size else requested_disks.image_gib
    chosen = {name: getattr(part if part and _is_of_part(name, root, part) else root, name) for name in _VOLUME}
    return OwnDisk(
        gib=gib + (_ephemeral_gib(part) if part else 0),
        is_encrypted=config.encrypted or bool(part and part.encrypted),
        kms_key=(part.kms_key_arn if part else None) or config.kms_key_arn,
        **chosen,
    )


def ephemeral_disk(requested_disks: DiskRequests, config: AwsConfig) -> OwnDisk | None:
    """The second disk; None where the VM has none, or has the instance's own."""
    wanted = ephemeral_of(requested_disks)
    if wanted is None or wanted.use_instance_storage:
        return None
    return OwnDisk(
        gib=_ephemeral_gib(wanted),
        type=wanted.type,
        iops=wanted.iops,
        throughput=wanted.throughput,
        is_encrypted=config.encrypted if wanted.encrypted is None else wanted.encrypted,
        kms_key=wanted.kms_key_arn or config.kms_key_arn,
    )


def ephemeral_of(requested_disks: DiskRequests) -> EphemeralProperties | None:
    """The ephemeral disk for a bosh-agent: a second disk unless it uses the root disk."""
    wanted = requested_disks.properties.ephemeral_disk or EphemeralProperties()
    return wanted if requested_disks.has_agent and not wanted.use_root_disk else None


def path_of(ephemeral: EphemeralProperties, *, instance_type: str) -> str:
    """Where a bosh-agent finds the ephemeral disk; it knows itself how volumes are called on Nitro."""
    if ephemeral.use_instance_storage and not disks.has_xen(instance_type):
        return _FIRST_OWN_DISK
    return EPHEMERAL_DEVICE


def write(requested_disks: DiskRequests, config: AwsConfig, *, root_device: str) -> list[dict[str, Any]]:
    """RunInstances' BlockDeviceMappings."""
    ephemeral = ephemeral_disk(requested_disks, config)
    return [
        _write(root_disk(requested_disks, config), root_device),
        *([_write(ephemeral, EPHEMERAL_DEVICE)] if ephemeral else []),
    ]


def require_instance_storage(name: str, properties: VmProperties, answer: Mapping[str, Any]) -> None:
    """Raises CloudError, code instance-storage-missing, from AWS's description of the instance type."""
    if not answer.get("InstanceStorageSupported", True):
        raise CloudError(
            "instance-storage-missing",
            f"VM '{name}' uses instance storage, which {properties.instance_type} does not have.",
            why="AWS lists the type without instance storage.",
            fix="Choose an instance_type with instance storage (m5d, c6gd, i4i), or remove use_instance_storage.",
        )


def ignored(properties: VmProperties) -> tuple[str, ...]:
    """What `ephemeral_disk` says beside use_root_disk, which takes it away."""
    wanted = properties.ephemeral_disk
    return tuple(sorted(wanted.model_fields_set - {"use_root_disk"})) if wanted and wanted.use_root_disk else ()


def overruled(requested_disks: DiskRequests, config: AwsConfig) -> tuple[str, ...]:
    """Settings without effect because the ephemeral disk is a part of the root disk, which has one value for both."""
    root, part = requested_disks.properties.root_disk, _part_of_root(requested_disks)
    if part is None:
        return ()
    both = root.model_fields_set & part.model_fields_set & set(_VOLUME)
    found = [f"root_disk.{name}" for name in sorted(both) if getattr(root, name) != getattr(part, name)]
    is_encrypted_anyway = part.encrypted is False and config.encrypted
    return (*found, *(["ephemeral_disk.encrypted"] if is_encrypted_anyway else []))


def _part_of_root(requested_disks: DiskRequests) -> EphemeralProperties | None:
    wanted = requested_disks.properties.ephemeral_disk
    return wanted if wanted and not requested_disks.has_agent and not wanted.use_root_disk else None


def _ephemeral_gib(ephemeral: EphemeralProperties) -> int:
    return disks.gib_of(ephemeral.size) if ephemeral.size else _USUAL_EPHEMERAL_GIB


def _check_instance_storage(name: str, wanted: EphemeralProperties, *, has_agent: bool) -> None:
    if not has_agent:
        raise judge.not_supported(
            "ephemeral_disk.use_instance_storage",
            f"VM '{name}'",
            why="compleat's guest keeps its data on the root disk and mounts no disk of the instance type.",
            fix="Remove it; ephemeral_disk.size adds space for the data on the root disk.",
        )
    others = sorted(wanted.model_fields_set - {"use_instance_storage", "use_root_disk"})
    if others:
        raise CloudError(
            "instance-storage-with-settings",
            f"The ephemeral disk of VM '{name}' combines {', '.join(others)} with use_instance_storage.",
            why="The instance type determines its instance storage.",
            fix=f"Remove {', '.join(others)}, or use_instance_storage.",
        )


def _is_of_part(name: str, root: VolumeProperties, part: EphemeralProperties) -> bool:
    """Of two that are set the ephemeral disk's counts: the data are there."""
    return name in part.model_fields_set or name not in root.model_fields_set


def _write(disk: OwnDisk, device: str) -> dict[str, Any]:
    ebs = {
        "VolumeSize": disk.gib,
        "DeleteOnTermination": True,
        **disks.write_kind(disk.type, disk.iops, disk.throughput),
        **disks.write_encryption(disk.kms_key, is_encrypted=disk.is_encrypted),
    }
    return {"DeviceName": device, "Ebs": ebs}
