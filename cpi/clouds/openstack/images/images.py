"""Stemcells: a record that names an image the cloud has, or an image that is sent there.

Takes requests, gives CIDs. Glance keeps nothing of an incomplete upload, so the image is deleted and uploaded again: by
the same request, or by another action's for the same disk, as a dead action does not return.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from cpi.clouds.openstack.images import stemcells
from cpi.clouds.openstack.wire import names
from cpi.clouds.openstack.wire.api import Api
from cpi.clouds.openstack.wire.config import OpenStackConfig, StemcellProperties
from cpi.contract.errors import CloudError, NotFoundError, TransientError
from cpi.contract.values import StemcellCid, StemcellRequest
from cpi.kit import disk_image, foreign_cids
from cpi.kit import tags as owner_tags
from cpi.kit.disk_image import DiskImage, Format, Report

CloudAnswer = Mapping[str, Any]

ACCEPTED = frozenset({Format.QCOW2, Format.RAW})
CLOUD = "OpenStack"
_PIECE = 1 << 20


class Images:
    def __init__(self, api: Api, config: OpenStackConfig, *, report: Report) -> None:
        self._api = api
        self._config = config
        self._report = report

    def create(self, request: StemcellRequest) -> StemcellCid:
        """Give the action's stemcell, made if it is not there."""
        properties = stemcells.read_stemcell_properties(request)
        there, path = self._find(request), stemcells.path_of(request, properties, self._config)
        if path:
            return self._send(request, there, path)
        if there is not None:
            return stemcells.write_cid(there["id"], str(there[names.IMAGE]))
        image = self.choose(request, properties)
        record = stemcells.write_record(request, image, version=self._version(request), config=self._config)
        answer = self._api.post("image", "/images", record)
        return stemcells.write_cid(str(answer["id"]), str(image["id"]))

    def choose(self, request: StemcellRequest, properties: StemcellProperties) -> CloudAnswer:
        """The image that a light stemcell means. Raises unknown-image, image-architecture."""
        wanted = properties.image_id or ("" if properties.os_version else self._config.image)
        answer = self._api.list_all("image", "/images", "images")
        image = stemcells.choose_image(wanted, request, answer, config=self._config)
        stemcells.check_image(image, properties, self._config)
        return image

    def of_environment(self, environment: str) -> Iterator[CloudAnswer]:
        """All records and images of an environment."""
        return self._api.list_all("image", "/images", "images", **{owner_tags.ENVIRONMENT: environment})

    def refuse_foreign(self, cid: StemcellCid) -> None:
        """Of an image that BOSH's CPI sent; a light one ("UUID light") is somebody else's, and nothing of it goes."""
        with contextlib.suppress(NotFoundError):
            self._api.read("image", f"/images/{cid}")
            raise foreign_cids.refuse(cid, what="stemcell", why="BOSH's OpenStack CPI sent that image.")

    def _find(self, request: StemcellRequest) -> CloudAnswer | None:
        query = {"name": names.name_of(request.owner)}
        answer = self._api.list_all("image", "/images", "images", **query)
        return next((one for one in answer if stemcells.owner_of(one) == request.owner), None)

    def _send(self, request: StemcellRequest, there: CloudAnswer | None, path: str) -> StemcellCid:
        """`there` may lack its bytes, or some of them."""
        if there is None or not stemcells.is_usable(there):
            image = disk_image.survey(path, ACCEPTED, cloud=CLOUD)
            self._drop_cut(request, image)
            record = stemcells.write_record(request, None, version=self._version(request), config=self._config)
            there = self._api.post("image", "/images", {**record, **stemcells.write_disk(image)})
            self._fill(str(there["id"]), image)
        return stemcells.write_cid(str(there["id"]), str(there["id"]))

    def _fill(self, record: str, image: DiskImage) -> None:
        """Send the bytes; Glance says what it has then, by a digest of its own choice."""
        digest = hashlib.sha512()

        def pieces() -> Iterator[bytes]:
            for piece in disk_image.sent(image, piece_size=_PIECE, report=self._report):
                digest.update(piece)
                yield piece

        self._api.upload(f"/images/{record}/file", pieces())
        has = self._api.read("image", f"/images/{record}")
        if has.get("os_hash_algo") == "sha512" and has.get("os_hash_value") != digest.hexdigest():
            self._api.delete("image", f"/images/{record}")
            raise _not_what_was_sent(image.path)

    def _drop_cut(self, request: StemcellRequest, image: DiskImage) -> None:
        """Records without all their bytes: this action's, and those that died on the same disk."""
        for answer in self.of_environment(request.owner.environment):
            if stemcells.is_cut(answer) and (
                stemcells.owner_of(answer) == request.owner or stemcells.is_of(answer, image)
            ):
                self._api.delete("image", f"/images/{answer['id']}")

    def _version(self, request: StemcellRequest) -> str:
        return self._config.stemcell().version if request.version == "latest" else request.version


def _not_what_was_sent(path: str) -> CloudError:
    return TransientError(
        "image-arrived-changed",
        f"The image in Glance differs from {path}.",
        why="Their digests differ; compleat deleted the image.",
        fix="No action needed: compleat uploads it again.",
    )
