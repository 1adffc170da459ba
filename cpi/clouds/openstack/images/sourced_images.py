"""Images that OpenStack makes of what it has: of a server by Nova, of a file by Glance's import from a URL.

Takes requests with a source, gives CIDs. The image is the stemcell and has its owner key from birth: as metadata of
Nova's call, or as properties of the record that Glance imports into. Source: docs.openstack.org, "Create Image
(createImage Action)", "Interoperable image import".
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.wire import names, resource_tags
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig
from cpi.contract.errors import CloudError, NotFoundError
from cpi.contract.landing_parts import ImageOrigin, ImageSource
from cpi.contract.long_running import Pending
from cpi.contract.values import StemcellCid, StemcellRequest
from cpi.kit import judge
from cpi.kit import tags as owner_tags

CloudAnswer = Mapping[str, Any]

_IMAGE = re.compile(r"[A-Za-z0-9][\w.:+ -]*")
_BLOB = re.compile(r"\Ahttps?://\S+\.(?:qcow2|raw|vhd|vmdk)")
_SERVER = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
PLACES: Mapping[ImageOrigin, tuple[re.Pattern[str], str]] = {
    "image": (_IMAGE, "debian-12, a name or an id of `openstack image list`,"),
    "blob": (_BLOB, "https://blobs.example/web.qcow2 (or .raw, .vhd, .vmdk)"),
    "vm": (_SERVER, "6d1f3a0e-4d3c-4a55-9f0d-0c5b1d2e3f40"),
}
"""A pattern of what each is named by, and an example."""
_BY_HAND = "Run `openstack image create --volume`, and name that image in the VM's imageReference.id."
REFUSED: Mapping[ImageOrigin, tuple[str, str]] = {
    "snapshot": ("OpenStack makes volumes of snapshots, and images of volumes.", _BY_HAND),
    "disk": ("An image of a volume has no owner key while OpenStack makes it.", _BY_HAND),
}
_METHOD = "web-download"
_FAILED = "os_glance_failed_import"
_WORKING = ("queued", "saving", "uploading", "importing")
_LOOK_S = 2.0
_LIMIT_S = 86400.0


class ImageUnderway(Exception):
    """Raised inside the plugin while OpenStack makes an image; never leaves it."""

    def __init__(self, image: str) -> None:
        super().__init__(image)
        self.pending = _pending(image)


class SourcedImages:
    def __init__(self, api: Api, config: OpenStackConfig) -> None:
        self._api = api
        self._config = config

    def create(self, request: StemcellRequest, source: ImageSource) -> StemcellCid:
        """Give the action's stemcell, made if it is not there. Raises ImageUnderway."""
        image = self._own(request)
        if image is None:
            self.require(source)
            image = self._of_server(request, source) if source.origin == "vm" else self._record(request, source)
        if source.origin == "blob":
            self._import(image, source)
        if not stemcells.is_usable(image):
            raise ImageUnderway(str(image["id"]))
        self._tag(image, request)
        return stemcells.write_cid(str(image["id"]), str(image["id"]))

    def look(self, handle: str) -> Pending | None:
        """Look once at an image that is being made; None: it is there, or gone: the next call of `create` sees it."""
        try:
            image = self._api.read("image", f"/images/{handle}")
        except NotFoundError:
            return None
        is_working = image["status"] in _WORKING and not image.get(_FAILED)
        return _pending(handle) if is_working else None

    def require(self, source: ImageSource) -> None:
        """Raises NotFoundError, code unknown-image-source; CloudError, code image-source-unfit."""
        if source.origin == "vm":
            self._require_server(source)
        elif _METHOD not in self._import_methods():
            raise judge.source_unfit(
                source,
                cloud="OpenStack",
                why=f"This Glance imports nothing from URLs: it has no import method {_METHOD}.",
                fix="Run `openstack image create --file`, and name that image in the VM's imageReference.id.",
            )

    def _require_server(self, source: ImageSource) -> None:
        try:
            server = self._api.read("compute", f"/servers/{source.place}")["server"]
        except NotFoundError as error:
            raise judge.unknown_source(source, cloud="OpenStack") from error
        if not server.get("image"):
            raise judge.source_unfit(
                source, cloud="OpenStack", why="Its system is on a volume, which no image is made of.", fix=_BY_HAND
            )

    def _import_methods(self) -> tuple[str, ...]:
        try:
            answer = self._api.read("image", "/info/import")
        except NotFoundError:
            return ()
        return tuple(answer.get("import-methods", {}).get("value", ()))

    def _own(self, request: StemcellRequest) -> CloudAnswer | None:
        named = self._api.list_all("image", "/images", "images", name=names.name_of(request.owner))
        return next((one for one in named if stemcells.owner_of(one) == request.owner), None)

    def _of_server(self, request: StemcellRequest, source: ImageSource) -> CloudAnswer:
        """A server's image has its image's properties, but for those that are given: that it was sent is none of it."""
        record = stemcells.write_record(request, None, version=request.version, config=self._config)
        kept = (*owner_tags.OWNER_TAGS, names.OS, names.VERSION, names.ARCHITECTURE)
        metadata = {**{key: record[key] for key in kept if key in record}, names.DIGEST: ""}
        asked = {"createImage": {"name": record["name"], "metadata": metadata}}
        answer = self._api.post("compute", f"/servers/{source.place}/action", asked)
        return self._api.read("image", f"/images/{answer['image_id']}")

    def _record(self, request: StemcellRequest, source: ImageSource) -> CloudAnswer:
        record = stemcells.write_record(request, None, version=request.version, config=self._config)
        ending = source.place.rpartition(".")[2]
        return self._api.post("image", "/images", {**record, "disk_format": ending})

    def _import(self, image: CloudAnswer, source: ImageSource) -> None:
        """Begin it where it has not begun; what failed is deleted, so that the next run begins again."""
        if image.get(_FAILED):
            self._api.delete("image", f"/images/{image['id']}")
            raise CloudError(
                "image-import-failed",
                f"Glance could not import {source.place}.",
                why="It says so of the record, without a reason.",
                fix="Check that Glance reaches the URL, and run the command again.",
            )
        if image["status"] == "queued" and not image.get("os_glance_import_task"):
            method = {"method": {"name": _METHOD, "uri": source.place}}
            self._api.post("image", f"/images/{image['id']}/import", method)

    def _tag(self, image: CloudAnswer, request: StemcellRequest) -> None:
        """Nova gives an image none of Glance's tags."""
        for text in resource_tags.write_texts(request.tags):
            if text not in image.get("tags", ()):
                self._api.put("image", f"/images/{image['id']}/tags/{quote(text, safe='')}")


def _pending(image: str) -> Pending:
    return Pending(handle=image, after_s=_LOOK_S, text=f"OpenStack: making image {image}", limit_s=_LIMIT_S)
