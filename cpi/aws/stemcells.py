"""Stemcells: an image together with the launch template that marks it as ours. Pure.

Takes requests and answers, gives request parts and values. An image of Debian or Canonical belongs to them and serves
many environments, so the owner key stands on a launch template of ours that names the image; the CID names both.
"""

from collections.abc import Mapping
from typing import Any

from cpi.aws import labels, names
from cpi.aws.images import Image
from cpi.errors import NotFoundError
from cpi.support import tags as owner_tags
from cpi.values import FoundStemcell, StemcellCid, StemcellRequest

_OS = "compleat-os"
_VERSION = "compleat-version"
_ARCHITECTURE = "compleat-architecture"
_IMAGE = "compleat-image"
_SNAPSHOT = "compleat-snapshot"


def write_template(request: StemcellRequest, image: Image, *, version: str) -> dict[str, Any]:
    """CreateLaunchTemplate: the record that this image is our stemcell."""
    told = {_OS: request.os, _VERSION: version, _ARCHITECTURE: image.architecture, _IMAGE: image.id}
    label = labels.Label(owner=request.owner, kind=names.STEMCELL, name=f"{request.os}/{version}", others=told)
    return {
        "LaunchTemplateName": names.stemcell_name(request.owner),
        "LaunchTemplateData": {"ImageId": image.id},
        "ClientToken": names.token_of(request.owner),
        "TagSpecifications": labels.specify(label, "launch-template"),
    }


def write_cid(template: str, image: str) -> StemcellCid:
    """The CID of a template and its image."""
    return StemcellCid(f"{template}:{image}")


def image_of(cid: StemcellCid) -> str:
    """The image of a stemcell; a bare image id, as BOSH's light stemcells have, is one too.

    Raises NotFoundError, code unknown-stemcell.
    """
    image = cid.rpartition(":")[2]
    if not names.is_cid(image, "ami"):
        raise NotFoundError("unknown-stemcell", f"AWS has no stemcell '{cid}'.", fix="Run `compleat up` again.")
    return image


def template_of(cid: StemcellCid) -> str:
    """The launch template of a stemcell, "" for a bare image."""
    template = cid.rpartition(":")[0]
    return template if names.is_cid(template, "lt") else ""


def read_stemcell(told: Mapping[str, Any]) -> FoundStemcell | None:
    """A stemcell from a launch template; None: not one of ours."""
    tags = labels.read_tags(told.get("Tags", ()))
    owner = owner_tags.read_owner(tags)
    if owner is None or _IMAGE not in tags:
        return None
    return FoundStemcell(
        cid=write_cid(told["LaunchTemplateId"], tags[_IMAGE]),
        owner=owner,
        os=tags.get(_OS, ""),
        version=tags.get(_VERSION, ""),
        architecture=tags.get(_ARCHITECTURE, ""),
    )
