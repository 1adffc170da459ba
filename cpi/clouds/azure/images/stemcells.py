"""Stemcells: images that exist in Azure already, and images that are sent there. Pure.

Takes stemcell requests, gives image references and the resource that represents a stemcell. A marketplace image cannot
have our tags, so such a stemcell is an empty availability set (free, created at once, listed in one call) with the
owner key and the image's name as tags. An uploaded image has the owner key itself. A CID says name and image, so that
creating a VM needs no look at it.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from cpi.clouds.azure.wire import config, names
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.landing_parts import ImageSource
from cpi.contract.value_classes import dataclass
from cpi.contract.values import FoundStemcell, JsonValue, StemcellCid, StemcellRequest
from cpi.kit import foreign_cids, judge, tags
from cpi.kit.disk_image import DiskImage
from cpi.kit.judge import ImageFacts

Json = Mapping[str, Any]
_IMAGE = "compleat-image"
_OS = "compleat-os"
_VERSION = "compleat-version"
_ARCHITECTURE = "compleat-architecture"
_DIGEST = "compleat-digest"
_LATEST = "latest"
_BOSH = ("bosh-stemcell-", "bosh-light-stemcell-")
"""How BOSH's Azure CPI calls its stemcells. Source: cloudfoundry/bosh-azure-cpi-release, helpers.rb @eb3489e."""
_OPEN = frozenset({"ActiveUpload", "ActiveSAS"})
GENERATIONS = {"gen1": "V1", "gen2": "V2"}
_OS_OF_PUBLISHER = {"debian": "debian", "canonical": "ubuntu"}
_NUMBER = re.compile(r"(?:^|-)([1-9]\d?(?:_\d\d)?)(?:-|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where an image is made, and for which kind of firmware ("gen1", "gen2")."""

    location: str
    generation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageReference:
    """`words` are publisher, offer, sku, version; or, with `id`, an image of a subscription."""

    words: tuple[str, str, str, str] = ("", "", "", "")
    id: str = ""

    def body(self) -> dict[str, str]:
        """As a VM's body takes it."""
        if self.id:
            return {"id": self.id}
        return dict(zip(("publisher", "offer", "sku", "version"), self.words, strict=True))

    def __str__(self) -> str:
        return self.id or ":".join(self.words)


def read_image(text: str) -> ImageReference:
    """From publisher:offer:sku:version, or an id. Raises CloudError, code image-name-invalid."""
    if text.startswith("/"):
        return ImageReference(id=text)
    words = text.split(":")
    if len(words) != 4 or not all(words):
        raise CloudError(
            "image-name-invalid",
            f"'{text}' is not an image.",
            why="An image is publisher:offer:sku:version, or the full id of one.",
            fix="Use, for example, Debian:debian-12:12-gen2:latest.",
        )
    return ImageReference(words=(words[0], words[1], words[2], words[3]))


def read_stemcell(request: StemcellRequest) -> config.StemcellProperties:
    """Its cloud properties, checked."""
    return config.read_properties(config.StemcellProperties, request.cloud_properties, where="a stemcell")


def path_of(request: StemcellRequest, found: config.StemcellProperties, settings: config.AzureConfig) -> str:
    """The disk to send; "" where Azure has the image."""
    if found.image_id or found.image or request.source:
        return ""
    own = settings.stemcell_image
    is_own = own is not None and (request.os, request.version) == (own.os, own.version)
    path = request.image_path or (own.path if own and is_own else "")
    if path and found.architecture == "arm64":
        raise judge.not_supported("architecture: arm64", "a stemcell that is sent")
    return path


def image_of(
    found: config.StemcellProperties, settings: config.AzureConfig, source: ImageSource | None = None
) -> ImageReference:
    """The image that a light stemcell means."""
    if source is not None:
        return ImageReference(id=source.place)
    if found.image_id:
        return ImageReference(id=found.image_id)
    if found.image:
        return ImageReference(words=(found.image.publisher, found.image.offer, found.image.sku, found.image.version))
    return read_image(settings.default_image)


def describe_default(settings: config.AzureConfig) -> tuple[str, str, str]:
    """OS, version and architecture of the environment's own stemcell, as its file says or its image's name tells."""
    if settings.stemcell_image:
        return settings.stemcell_image.os, settings.stemcell_image.version, "x86_64"
    image = read_image(settings.default_image)
    os, number = _system_of(image)
    version = image.words[3]
    return os, number if version in ("", _LATEST) else version, architecture_of(image)


def architecture_of(image: ImageReference) -> str:
    """ "x86_64" or "arm64", by the name of the SKU."""
    return "arm64" if "arm64" in image.words[2].lower() else "x86_64"


def is_latest(image: ImageReference) -> bool:
    """Whether its version is still to be looked up."""
    return not image.id and image.words[3] == _LATEST


def versions_path(image: ImageReference, places: names.ResourcePaths) -> str:
    """Where the marketplace lists an image's versions."""
    publisher, offer, sku, _ = image.words
    return places.regional(
        f"Microsoft.Compute/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}/versions"
    )


def pinned(image: ImageReference, version: str) -> ImageReference:
    """The same image in a version of its own."""
    publisher, offer, sku, _ = image.words
    return ImageReference(words=(publisher, offer, sku, version))


def newest(versions: tuple[Json, ...], image: ImageReference) -> str:
    """The newest of listed versions. Raises NotFoundError, code unknown-image."""
    found = [str(one["name"]) for one in versions]
    if not found:
        raise missing(image)
    return max(found, key=lambda name: [int(part) if part.isdigit() else 0 for part in name.split(".")])


def missing(image: ImageReference) -> NotFoundError:
    """An image that is not there."""
    setting = "the image: one of `az vm image list --all --publisher PUBLISHER`,"
    return judge.missing(judge.unknown_name("image", str(image), (), where="Azure", setting=setting))


def read_architecture(image: Json) -> str:
    """ "x86_64" or "arm64"."""
    return "arm64" if str(image.get("properties", {}).get("architecture", "")).lower() == "arm64" else "x86_64"


def facts_of(image: ImageReference, answer: Json | None) -> ImageFacts:
    """The facts of an image; for one in a subscription with the size of its disk. Raises NotFoundError."""
    if answer is None:
        raise missing(image)
    about = answer.get("properties", {})
    disk = about.get("storageProfile", {}).get("osDisk", {})
    architecture = "" if image.id else read_architecture(answer)
    return ImageFacts(name=f"Image {image}", architecture=architecture, disk_gib=int(disk.get("diskSizeGB") or 0))


def render_stemcell(
    request: StemcellRequest, image: ImageReference, *, architecture: str, location: str
) -> dict[str, Any]:
    """The body of the resource that represents it."""
    labels = {_IMAGE: str(image), _OS: request.os, _VERSION: request.version, _ARCHITECTURE: architecture}
    return {
        "location": location,
        "tags": {**names.tags_of(dict(request.tags)), **labels, **tags.tags_of(request.owner)},
        "sku": {"name": "Aligned"},
        "properties": {"platformUpdateDomainCount": 1, "platformFaultDomainCount": 1},
    }


def render_upload(request: StemcellRequest, image: DiskImage, made: Made) -> dict[str, Any]:
    """The body of the disk that takes the bytes."""
    return {
        "location": made.location,
        "tags": {**_sent_tags(request), _DIGEST: image.sha256},
        "sku": {"name": "Standard_LRS"},
        "properties": {
            "osType": "Linux",
            "hyperVGeneration": GENERATIONS[made.generation],
            "creationData": {"createOption": "Upload", "uploadSizeBytes": image.size},
        },
    }


def render_image(request: StemcellRequest, disk_id: str, made: Made) -> dict[str, Any]:
    """The body of the image that is made of that disk."""
    disk = {"osType": "Linux", "osState": "Generalized", "managedDisk": {"id": disk_id}}
    return {
        "location": made.location,
        "tags": _sent_tags(request),
        "properties": {
            "hyperVGeneration": GENERATIONS[made.generation],
            "storageProfile": {"osDisk": disk},
        },
    }


def render_made(request: StemcellRequest, properties: Mapping[str, Any], location: str) -> dict[str, Any]:
    """The body of an image that Azure makes of what `properties` name."""
    architecture = read_stemcell(request).architecture or "x86_64"
    labels = {**_sent_tags(request), _ARCHITECTURE: architecture}
    return {"location": location, "tags": labels, "properties": dict(properties)}


def read_access(granted: Json) -> str:
    """The URL that a disk is written through. Raises CloudError, code answer-malformed."""
    url = find_access(granted)
    if not url:
        raise CloudError("answer-malformed", "Azure granted access to a disk without its URL.")
    return url


def find_access(result: JsonValue) -> str:
    """The same in the result of an operation; "" where it granted none."""
    granted: Json = result if isinstance(result, Mapping) else {}
    output = (granted.get("properties") or {}).get("output") or granted
    return str(output.get("accessSAS") or output.get("accessSas") or "")


def is_upload(disk: Json) -> bool:
    """Whether a disk is one that takes a stemcell's bytes."""
    return bool(disk["properties"].get("creationData", {}).get("createOption") == "Upload")


def is_of(disk: Json, image: DiskImage, environment: str) -> bool:
    """Whether a disk is to hold this very image, for this environment."""
    labels = disk.get("tags") or {}
    return labels.get(_DIGEST) == image.sha256 and labels.get(tags.ENVIRONMENT) == environment


def is_empty(disk: Json) -> bool:
    """Whether nothing was written to a disk yet, nor can be."""
    return str(disk["properties"].get("diskState")) == "ReadyToUpload"


def is_open(disk: Json) -> bool:
    """Whether somebody may write it by a URL still."""
    return str(disk["properties"].get("diskState")) in _OPEN


def read_sent(resource: Json, cid: StemcellCid, *, is_whole: bool) -> FoundStemcell | None:
    """A stemcell from its image, or from the disk that takes its bytes; None: not ours."""
    found = _read_labels(resource, cid)
    return replace(found, is_whole=is_whole and not names.has_failed(resource)) if found else None


def cid_of(name: str, image: ImageReference) -> StemcellCid:
    """Name and image in one word."""
    return StemcellCid(f"{name}/{image}")


def read_cid(cid: StemcellCid) -> tuple[str, ImageReference]:
    """The name and the image. Raises CloudError: unknown-stemcell, or foreign-cid for one of BOSH's CPI."""
    name, slash, image = cid.partition("/")
    if cid.startswith(_BOSH):
        raise foreign_cids.refuse(
            cid, what="stemcell", why="It is a CID of BOSH's Azure CPI; CIDs of compleat also contain the image."
        )
    if not slash:
        foreign_cids.require_own(cid, what="stemcell", cloud="Azure")
        raise judge.unknown_stemcell(cid, cloud="Azure")
    return name, read_image(image)


def read_found(stemcell: Json) -> FoundStemcell | None:
    """As `find_stemcells` tells it; None: not ours, or an availability set of VMs."""
    labels = stemcell.get("tags") or {}
    if _IMAGE not in labels:
        return None
    return _read_labels(stemcell, cid_of(str(stemcell["name"]), read_image(str(labels[_IMAGE]))))


def _system_of(image: ImageReference) -> tuple[str, str]:
    """OS and its version, called as on other clouds: so one manifest's stemcell is found on each.

    Debian is in the offer (debian-12), Ubuntu in the offer or the SKU (ubuntu-24_04-lts; 22_04-lts-gen2).
    """
    publisher, offer, sku, _ = image.words
    os = _OS_OF_PUBLISHER.get(publisher.lower(), "")
    number = _NUMBER.search(offer) or _NUMBER.search(sku)
    if os and number:
        return os, number[1].replace("_", ".")
    return offer or "image", "".join(takewhile(lambda one: one.isdigit() or one in "._", sku)) or "1"


def _sent_tags(request: StemcellRequest) -> dict[str, str]:
    labels = {_OS: request.os, _VERSION: request.version, _ARCHITECTURE: "x86_64"}
    return {**names.tags_of(dict(request.tags)), **labels, **tags.tags_of(request.owner)}


def _read_labels(resource: Json, cid: StemcellCid) -> FoundStemcell | None:
    labels = resource.get("tags") or {}
    owner = tags.read_owner(labels)
    if owner is None:
        return None
    return FoundStemcell(
        cid=cid,
        owner=owner,
        os=str(labels.get(_OS, "")),
        version=str(labels.get(_VERSION, "")),
        architecture=str(labels.get(_ARCHITECTURE, "x86_64")),
    )
