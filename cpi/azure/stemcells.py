"""Images that exist in Azure already, as light stemcells. Pure.

Takes stemcell requests, gives image references and the free resource that stands for a stemcell. A marketplace image
has no tags of ours, so each stemcell is an empty availability set (free, made at once, listed in one call) that bears
the owner key and the image's name; its CID says both, so that creating a VM needs no look at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from cpi.azure import config, names
from cpi.errors import CloudError, NotFoundError, NotSupportedError
from cpi.support import tags
from cpi.values import FoundStemcell, StemcellCid, StemcellRequest

Json = Mapping[str, Any]
_IMAGE = "compleat-image"
_OS = "compleat-os"
_VERSION = "compleat-version"
_ARCHITECTURE = "compleat-architecture"
_LATEST = "latest"


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
    """From publisher:offer:sku:version, or an id. Raises CloudError, code azure-image-name."""
    if text.startswith("/"):
        return ImageReference(id=text)
    words = text.split(":")
    if len(words) != 4 or not all(words):
        raise CloudError(
            "azure-image-name",
            f"'{text}' names no image.",
            why="An image is publisher:offer:sku:version, or the whole id of one.",
            fix="Write, say, Debian:debian-12:12-gen2:latest.",
        )
    return ImageReference(words=(words[0], words[1], words[2], words[3]))


def image_of(request: StemcellRequest, settings: config.AzureConfig) -> ImageReference:
    """The image that a light stemcell means. Raises NotSupportedError, code azure-heavy-stemcell, for a heavy one."""
    found = config.read_properties(config.StemcellProperties, request.cloud_properties, where="a stemcell")
    if found.image_id:
        return ImageReference(id=found.image_id)
    if found.image:
        return ImageReference(words=(found.image.publisher, found.image.offer, found.image.sku, found.image.version))
    if request.image_path:
        raise NotSupportedError(
            "azure-heavy-stemcell",
            f"Stemcell {request.os} {request.version} brings its own image, which is not uploaded yet.",
            why="Only images that Azure has already are used: of the marketplace, or of a gallery.",
            fix="Use a light stemcell, or upload the image yourself and name it as image_id.",
        )
    return read_image(settings.default_image)


def describe_default(settings: config.AzureConfig) -> tuple[str, str, str]:
    """OS, version and architecture of the environment's own stemcell, as its image's name tells them."""
    image = read_image(settings.default_image)
    _, offer, sku, version = image.words
    number = "".join(takewhile(lambda one: one.isdigit() or one in "._", sku)) or "1"
    architecture = "arm64" if "arm64" in sku.lower() else "x86_64"
    return offer or "image", number if version in ("", _LATEST) else version, architecture


def is_latest(image: ImageReference) -> bool:
    """Whether its version is still to be looked up."""
    return not image.id and image.words[3] == _LATEST


def versions_path(image: ImageReference, places: names.Places) -> str:
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
    """The newest of listed versions. Raises NotFoundError, code azure-image-missing."""
    found = [str(one["name"]) for one in versions]
    if not found:
        raise missing(image)
    return max(found, key=lambda name: [int(part) if part.isdigit() else 0 for part in name.split(".")])


def missing(image: ImageReference) -> NotFoundError:
    """An image that is not there."""
    return NotFoundError(
        "azure-image-missing",
        f"Azure has no image {image} here.",
        why="The marketplace lists none of that name and version in this location.",
        fix="Choose one of `az vm image list --all --publisher PUBLISHER`.",
    )


def read_architecture(image: Json) -> str:
    """ "x86_64" or "arm64"."""
    return "arm64" if str(image.get("properties", {}).get("architecture", "")).lower() == "arm64" else "x86_64"


def render_stemcell(
    request: StemcellRequest, image: ImageReference, *, architecture: str, location: str
) -> dict[str, Any]:
    """The body of the resource that stands for it."""
    labels = {_IMAGE: str(image), _OS: request.os, _VERSION: request.version, _ARCHITECTURE: architecture}
    return {
        "location": location,
        "tags": {**labels, **tags.tags_of(request.owner)},
        "sku": {"name": "Aligned"},
        "properties": {"platformUpdateDomainCount": 1, "platformFaultDomainCount": 1},
    }


def cid_of(name: str, image: ImageReference) -> StemcellCid:
    """Name and image in one word."""
    return StemcellCid(f"{name}/{image}")


def read_cid(cid: StemcellCid) -> tuple[str, ImageReference]:
    """The name and the image. Raises NotFoundError, code azure-stemcell-missing, for what is no CID of ours."""
    name, slash, image = cid.partition("/")
    if not slash:
        raise NotFoundError(
            "azure-stemcell-missing", f"There is no stemcell '{cid}'.", why="That is no stemcell's CID on Azure."
        )
    return name, read_image(image)


def read_found(stemcell: Json) -> FoundStemcell | None:
    """As `find_stemcells` tells it; None: not ours, or an availability set of VMs."""
    labels = stemcell.get("tags") or {}
    owner = tags.read_owner(labels)
    if owner is None or _IMAGE not in labels:
        return None
    return FoundStemcell(
        cid=cid_of(str(stemcell["name"]), read_image(str(labels[_IMAGE]))),
        owner=owner,
        os=str(labels.get(_OS, "")),
        version=str(labels.get(_VERSION, "")),
        architecture=str(labels.get(_ARCHITECTURE, "x86_64")),
    )
