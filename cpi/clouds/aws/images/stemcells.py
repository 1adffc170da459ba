"""Stemcells: an image together with what marks it as ours. Pure.

Takes requests and answers, gives request parts and values. An image of Debian or Canonical serves many environments, so
the owner key is on a launch template of the environment that names the image. An uploaded image belongs to the
environment, so the owner key is on it and, from the first byte on, on its snapshot. The CID names both parts.
"""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from cpi.clouds.aws.images.images import MachineImage
from cpi.clouds.aws.wire import names, resource_tags
from cpi.clouds.aws.wire.config import AwsConfig, StemcellProperties, read_properties
from cpi.contract.errors import CloudError
from cpi.contract.values import FoundStemcell, OwnerKey, StemcellCid, StemcellRequest
from cpi.kit import foreign_cids, judge
from cpi.kit import tags as owner_tags
from cpi.kit.disk_image import DiskImage

_OS = "compleat-os"
_VERSION = "compleat-version"
_ARCHITECTURE = "compleat-architecture"
_IMAGE = "compleat-image"
_DIGEST = "compleat-digest"
_SENT = "compleat-sent"
ALL_SENT = "all"
SOURCE = "compleat-source"
"""The tag of an image that AWS made, with what it is made of."""
MADE = "image"
"""The CID of one has this in the place of a snapshot, which may be the user's."""

BLOCK = 512 << 10
"""The size of a snapshot's blocks, in bytes; AWS knows no other."""
_GIB = 1 << 30
_ROOT = "/dev/xvda"


def read_stemcell_properties(request: StemcellRequest, config: AwsConfig) -> StemcellProperties:
    """What a stemcell says of itself. Raises property-not-supported, stemcell-encryption-differs."""
    found = read_properties(StemcellProperties, request.cloud_properties, where="a stemcell")
    if request.source is not None and request.source.origin == "image":
        found = found.model_copy(update={"image_id": request.source.place})
    if found.kernel_id:
        raise judge.not_supported(
            "kernel_id",
            "a stemcell",
            why="It belongs to paravirtual machines; VMs here are hardware virtual machines (hvm).",
            fix="Use a stemcell for hvm.",
        )
    has_key = bool(found.kms_key_arn) and found.kms_key_arn != config.kms_key_arn
    if has_key or (found.encrypted and not config.encrypted):
        raise CloudError(
            "stemcell-encryption-differs",
            "The stemcell requires encryption, which the AWS settings do not enable.",
            why="Boot disks are encrypted on creation, according to the settings; images are not copied.",
            fix="Set `encrypted: true`, and the stemcell's kms_key_arn if it has one, in the AWS settings of the "
            "environment's file.",
        )
    return found


def write_template(request: StemcellRequest, image: MachineImage, *, version: str) -> dict[str, Any]:
    """CreateLaunchTemplate: the record that this image is our stemcell."""
    answer = {
        **request.tags,
        _OS: request.os,
        _VERSION: version,
        _ARCHITECTURE: image.architecture,
        _IMAGE: image.id,
    }
    label = resource_tags.Label(owner=request.owner, kind=names.STEMCELL, name=f"{request.os}/{version}", others=answer)
    return {
        "LaunchTemplateName": names.stemcell_name(request.owner),
        "LaunchTemplateData": {"ImageId": image.id},
        "ClientToken": names.token_of(request.owner),
        "TagSpecifications": resource_tags.specify(label, "launch-template"),
    }


def write_cid(mark: str, image: str) -> StemcellCid:
    """The CID of a template or snapshot and its image; `image` is "" while it is being sent."""
    return StemcellCid(f"{mark}:{image}")


def made_cid(cid: StemcellCid) -> StemcellCid:
    """The CID of an image that AWS made, by one with its snapshot."""
    return write_cid(MADE, image_of(cid))


def is_made(cid: StemcellCid) -> bool:
    """Whether AWS made the image of a stemcell."""
    return cid.startswith(f"{MADE}:")


def image_of(cid: StemcellCid) -> str:
    """The image of a stemcell; BOSH's own forms ("ami-x", "ami-x light") are ones too.

    Raises NotFoundError, code unknown-stemcell.
    """
    image = cid.removesuffix(" light").rpartition(":")[2]
    if not names.is_cid(image, "ami"):
        foreign_cids.require_own(cid, what="stemcell", cloud="AWS")
        raise judge.unknown_stemcell(cid, cloud="AWS")
    return image


def template_of(cid: StemcellCid) -> str:
    """The launch template of a stemcell, "" where it has none."""
    template = cid.rpartition(":")[0]
    return template if names.is_cid(template, "lt") else ""


def snapshot_of(cid: StemcellCid) -> str:
    """The snapshot of a stemcell that was sent here, "" of another."""
    snapshot = cid.rpartition(":")[0]
    return snapshot if names.is_cid(snapshot, "snap") else ""


def write_snapshot(
    request: StemcellRequest, image: DiskImage, *, version: str, architecture: str, dead: str
) -> dict[str, Any]:
    """StartSnapshot; `dead` is a snapshot of the same action that came to nothing, "" without one."""
    owner = replace(request.owner, action=f"{request.owner.action}\0{dead}") if dead else request.owner
    label = _label(request, version=version, architecture=architecture, digest=image.sha256)
    return {
        "VolumeSize": -(-image.size // _GIB),
        "Description": f"compleat: stemcell {request.os}/{version}",
        "ClientToken": names.token_of(owner),
        "Tags": resource_tags.write_tags(label),
    }


def write_retag(owner: OwnerKey) -> list[dict[str, str]]:
    """Tags that make a snapshot the work of another action."""
    return resource_tags.aws_tags(owner_tags.tags_of(owner))


def write_sent(blocks: int | None) -> list[dict[str, str]]:
    """The tag that says how many blocks of a snapshot are there; None: all."""
    return [{"Key": _SENT, "Value": ALL_SENT if blocks is None else str(blocks)}]


def read_sent(reported: Mapping[str, Any]) -> int | None:
    """How many blocks of a snapshot are there for sure; None: all."""
    answer = resource_tags.read_tags(reported.get("Tags", ())).get(_SENT, "0")
    return None if answer == ALL_SENT else int(answer)


def block_digest(block: bytes) -> bytes:
    """What AWS holds a block against."""
    return hashlib.sha256(block).digest()


def write_digest(digest: bytes) -> str:
    """As AWS takes it."""
    return base64.b64encode(digest).decode()


def write_image(
    request: StemcellRequest, snapshot: str, properties: StemcellProperties, *, version: str, architecture: str
) -> dict[str, Any]:
    """RegisterImage."""
    root = properties.root_device_name or _ROOT
    label = _label(request, version=version, architecture=architecture)
    return {
        "Name": names.stemcell_name(request.owner),
        "Description": f"compleat: stemcell {request.os}/{version}",
        "Architecture": architecture,
        "RootDeviceName": root,
        "BlockDeviceMappings": [
            {
                "DeviceName": root,
                "Ebs": {"SnapshotId": snapshot, "VolumeType": "gp3", "DeleteOnTermination": True},
            }
        ],
        "VirtualizationType": "hvm",
        "EnaSupport": True,
        "SriovNetSupport": "simple",
        **({"BootMode": properties.boot_mode} if properties.boot_mode else {}),
        "TagSpecifications": resource_tags.specify(label, "image"),
    }


def write_copy(request: StemcellRequest, instance: Mapping[str, Any], *, architecture: str) -> dict[str, Any]:
    """CreateImage of an instance, without its other disks and without a stop."""
    label = _label(request, version=request.version, architecture=architecture)
    devices = [str(one["DeviceName"]) for one in instance.get("BlockDeviceMappings", ())]
    others = [{"DeviceName": name, "NoDevice": ""} for name in devices if name != instance.get("RootDeviceName")]
    return {
        "InstanceId": instance["InstanceId"],
        "Name": names.stemcell_name(request.owner),
        "Description": f"compleat: stemcell {request.os}/{request.version}",
        "NoReboot": True,
        **({"BlockDeviceMappings": others} if others else {}),
        "TagSpecifications": [*resource_tags.specify(label, "image"), *resource_tags.specify(label, "snapshot")],
    }


def read_unfinished(snapshots: Iterable[Mapping[str, Any]], images: Iterable[Mapping[str, Any]]) -> list[Any]:
    """The snapshots that no image is of."""
    used = {_snapshot_in(image) for image in images}
    return [one for one in snapshots if one["SnapshotId"] not in used]


def is_of(answer: Mapping[str, Any], image: DiskImage) -> bool:
    """Whether a snapshot is to hold this very disk."""
    return resource_tags.read_tags(answer.get("Tags", ())).get(_DIGEST) == image.sha256


def read_image_stemcell(answer: Mapping[str, Any]) -> FoundStemcell | None:
    """A stemcell from an image; None: without an owner key."""
    is_made = SOURCE in resource_tags.read_tags(answer.get("Tags", ()))
    found = _read_found(answer, write_cid(MADE if is_made else _snapshot_in(answer), answer["ImageId"]))
    return replace(found, is_whole=answer.get("State") in ("available", "pending")) if found else None


def read_unfinished_stemcell(answer: Mapping[str, Any]) -> FoundStemcell | None:
    """A stemcell from a snapshot without an image; None: without an owner key."""
    found = _read_found(answer, write_cid(answer["SnapshotId"], ""))
    return replace(found, is_whole=False) if found else None


def owner_of(answer: Mapping[str, Any]) -> OwnerKey | None:
    """Whose a snapshot or image is."""
    return owner_tags.read_owner(resource_tags.read_tags(answer.get("Tags", ())))


def read_stemcell(answer: Mapping[str, Any]) -> FoundStemcell | None:
    """A stemcell from a launch template; None: without an owner key."""
    tags = resource_tags.read_tags(answer.get("Tags", ()))
    return _read_found(answer, write_cid(answer["LaunchTemplateId"], tags[_IMAGE])) if _IMAGE in tags else None


def path_of(request: StemcellRequest, properties: StemcellProperties, config: AwsConfig) -> str:
    """The disk to send; "" where AWS has the image."""
    if properties.ami or properties.image_id or properties.ssm_parameter or request.source:
        return ""
    usual = config.stemcell()
    is_usual = (request.os, version_of(request, config)) == (usual.os, usual.version)
    return request.image_path or (usual.path if is_usual else "")


def version_of(request: StemcellRequest, config: AwsConfig) -> str:
    """Its version, where "latest" is the environment's own."""
    return config.stemcell().version if request.version in ("", "latest") else request.version


def _label(request: StemcellRequest, *, version: str, architecture: str, digest: str = "") -> resource_tags.Label:
    answer = {**request.tags, _OS: request.os, _VERSION: version, _ARCHITECTURE: architecture}
    others = {**answer, _DIGEST: digest} if digest else answer
    return resource_tags.Label(owner=request.owner, kind=names.STEMCELL, name=f"{request.os}/{version}", others=others)


def _snapshot_in(image: Mapping[str, Any]) -> str:
    held = [disk["Ebs"] for disk in image.get("BlockDeviceMappings", ()) if "Ebs" in disk]
    return str(held[0].get("SnapshotId", "")) if held else ""


def _read_found(answer: Mapping[str, Any], cid: StemcellCid) -> FoundStemcell | None:
    tags, owner = resource_tags.read_tags(answer.get("Tags", ())), owner_of(answer)
    if owner is None:
        return None
    return FoundStemcell(
        cid=cid,
        owner=owner,
        os=tags.get(_OS, ""),
        version=tags.get(_VERSION, ""),
        architecture=tags.get(_ARCHITECTURE, ""),
    )
