"""Images: bodies built and replies read. A light stemcell is an image record without bytes that names the real one.

Takes requests and what Glance told, gives what is sent to Glance and the stemcells found.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from cpi.clouds.openstack.wire import names, resource_tags
from cpi.clouds.openstack.wire.config import OpenStackConfig, StemcellProperties, read_properties
from cpi.contract.values import FoundStemcell, OwnerKey, StemcellCid, StemcellRequest
from cpi.kit import foreign_cids, judge
from cpi.kit import tags as owner_tags
from cpi.kit.disk_image import DiskImage
from cpi.kit.judge import ImageFacts

CloudAnswer = Mapping[str, Any]

_GIB = 1 << 30

_IMAGE_PROPERTIES = {
    "os_type": "os_type",
    "os_distro": "os_distro",
    "auto_disk_config": "auto_disk_config",
    "hypervisor_type": "hypervisor",
}
"""Glance's words for what Nova reads of an image, by the stemcell's. Source: stemcell_creator.rb of BOSH's CPI."""


def read_stemcell_properties(request: StemcellRequest) -> StemcellProperties:
    """What a stemcell says of itself; a template names an image by its source."""
    found = read_properties(StemcellProperties, request.cloud_properties, where="a stemcell")
    if request.source is not None and request.source.origin == "image":
        return found.model_copy(update={"image_id": request.source.place})
    return found


def write_cid(record: str, image: str) -> StemcellCid:
    """Our own record, and the image that servers are made of."""
    return StemcellCid(f"{record}:{image}")


def record_of(cid: StemcellCid) -> str:
    """The record's id, "" if it is not a CID of this plugin."""
    record, _, image = cid.partition(":")
    return record if names.is_id(record) and image else ""


def image_of(cid: StemcellCid) -> str:
    """The image's id; BOSH's own forms ("UUID", "UUID light") are ones too. Raises unknown-stemcell, foreign-cid."""
    foreign_cids.require_own(cid, what="stemcell", cloud="OpenStack")
    image = cid.removesuffix(" light")
    if names.is_id(image):
        return image
    if not record_of(cid):
        raise judge.unknown_stemcell(cid, cloud="OpenStack")
    return cid.partition(":")[2]


def write_record(
    request: StemcellRequest, image: CloudAnswer | None, *, version: str, config: OpenStackConfig
) -> CloudAnswer:
    """The body of POST /images; `image` None: the record gets bytes of its own."""
    properties = request.cloud_properties
    architecture = str(properties.get("architecture") or "") or _architecture_of(image, config)
    record: dict[str, Any] = {
        "name": names.name_of(request.owner),
        "visibility": "private",
        "container_format": str(properties.get("container_format") or "bare"),
        "disk_format": str(properties.get("disk_format") or "qcow2"),
        **owner_tags.tags_of(request.owner),
        names.OS: request.os,
        names.VERSION: version,
        names.ARCHITECTURE: architecture,
    }
    if request.tags:
        record["tags"] = resource_tags.write_texts(request.tags)
    if image is not None:
        record[names.IMAGE] = image["id"]
        return record
    record |= {name: str(properties[key]).lower() for name, key in _IMAGE_PROPERTIES.items() if properties.get(key)}
    if config.stemcell_public_visibility:
        record["visibility"] = "public"
    return record


def write_disk(image: DiskImage) -> CloudAnswer:
    """What a record with bytes says of them."""
    return {"disk_format": image.format.value, names.DIGEST: image.sha256}


def is_cut(answer: CloudAnswer) -> bool:
    """Whether a record is to have bytes, and has not all of them."""
    return names.IMAGE not in answer and names.DIGEST in answer and not is_usable(answer)


def is_of(answer: CloudAnswer, image: DiskImage) -> bool:
    """Whether a record is to hold this very disk."""
    return str(answer.get(names.DIGEST, "")) == image.sha256


def path_of(request: StemcellRequest, found: StemcellProperties, config: OpenStackConfig) -> str:
    """The disk to send; "" where OpenStack has the image."""
    usual = config.stemcell()
    is_usual = (request.os, request.version) == (usual.os, usual.version)
    return "" if found.image_id else request.image_path or (usual.path if is_usual else "")


def _architecture_of(image: CloudAnswer | None, config: OpenStackConfig) -> str:
    answer = str((image or {}).get("architecture") or config.architecture)
    return {"aarch64": "arm64", "amd64": "x86_64"}.get(answer, answer)


def read_stemcell(answer: CloudAnswer) -> FoundStemcell | None:
    """A record as a stemcell; None: without an owner key, or being deleted."""
    owner = owner_of(answer)
    if owner is None or answer["status"] in ("deleted", "pending_delete"):
        return None
    return FoundStemcell(
        cid=write_cid(answer["id"], str(answer.get(names.IMAGE) or answer["id"])),
        owner=owner,
        os=str(answer.get(names.OS, "")),
        version=str(answer.get(names.VERSION, "")),
        architecture=str(answer.get(names.ARCHITECTURE, "")),
        is_whole=names.IMAGE in answer or is_usable(answer),
    )


def owner_of(answer: CloudAnswer) -> OwnerKey | None:
    """Whose an image is."""
    return owner_tags.read_owner({key: str(value) for key, value in answer.items() if key in owner_tags.OWNER_TAGS})


def is_usable(answer: CloudAnswer) -> bool:
    """Whether servers can be made of it: our own records cannot."""
    return str(answer["status"]) == "active"


def choose_image(
    wanted: str, request: StemcellRequest, answer: Iterable[CloudAnswer], *, config: OpenStackConfig
) -> CloudAnswer:
    """The image by name or id, or the newest of an OS. Raises NotFoundError, code unknown-image."""
    usable = [image for image in answer if is_usable(image)]
    version = config.default_version if request.version == "latest" else request.version
    if wanted:
        fitting = [image for image in usable if wanted in (image["id"], image["name"])]
    else:
        fitting = [image for image in usable if _is_of(image, request.os, version)]
    if fitting:
        return max(fitting, key=lambda image: str(image.get("created_at", "")))
    name, known = wanted or f"{request.os} {version}", {str(image["name"]) for image in usable}
    setting = "`image` in the environment's file, a name of `openstack image list`,"
    raise judge.missing(judge.unknown_name("image", name, known, where="OpenStack", setting=setting))


def _is_of(image: CloudAnswer, os: str, version: str) -> bool:
    if image.get("os_distro") == os and image.get("os_version") == version:
        return True
    words = re.split(r"[^a-z0-9.]+", str(image["name"]).lower())
    return os in words and version in words


def check_image(image: CloudAnswer, properties: StemcellProperties, config: OpenStackConfig) -> None:
    """Raises CloudError, code image-architecture, for one of another kind of machine."""
    judge.require(judge.image_architecture(facts_of(image, config), properties.architecture or config.architecture))


def facts_of(image: CloudAnswer, config: OpenStackConfig) -> ImageFacts:
    """The facts of an image; without an architecture of its own it has the environment's."""
    return ImageFacts(
        name=f"Image '{image['name']}'",
        architecture=_architecture_of(image, config),
        disk_gib=max(int(image.get("min_disk") or 0), -(-int(image.get("virtual_size") or 0) // _GIB)),
        ram_mib=int(image.get("min_ram") or 0),
    )
