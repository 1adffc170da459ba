"""Stemcells: a record that names an image the cloud has, or an image that is sent there.

Takes requests, gives CIDs. Cut off in an upload, the same request sends the bytes again.
"""

import contextlib
import tarfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from cpi.errors import CloudError
from cpi.openstack import names, stemcells
from cpi.openstack.api import Api
from cpi.openstack.config import OpenStackConfig, StemcellProperties, read_properties
from cpi.support import tags as owner_tags
from cpi.values import StemcellCid, StemcellRequest

Told = Mapping[str, Any]

_QCOW2 = b"QFI\xfb"
_GZIP = b"\x1f\x8b"
_MEMBER = "root.img"
"""What BOSH's stemcells call the disk in their archive."""


class Images:
    def __init__(self, api: Api, config: OpenStackConfig) -> None:
        self._api = api
        self._config = config

    def create(self, request: StemcellRequest) -> StemcellCid:
        """Give the action's stemcell, made if it is not there."""
        properties = read_properties(StemcellProperties, request.cloud_properties, where="a stemcell")
        there = self._find(request)
        if request.image_path:
            return self._send(request, there)
        if there is not None:
            return stemcells.write_cid(there["id"], str(there[names.IMAGE]))
        image = self.choose(request, properties)
        record = stemcells.write_record(request, image, version=self._version(request), config=self._config)
        told = self._api.post("image", "/images", record)
        return stemcells.write_cid(str(told["id"]), str(image["id"]))

    def choose(self, request: StemcellRequest, properties: StemcellProperties) -> Told:
        """The image that a light stemcell means. Raises unknown-image, image-architecture."""
        wanted = properties.image_id or self._config.image
        told = self._api.list_all("image", "/images", "images")
        image = stemcells.choose_image(wanted, request, told, config=self._config)
        stemcells.check_image(image, properties, self._config)
        return image

    def of_environment(self, environment: str) -> Iterator[Told]:
        """All records and images of an environment."""
        return self._api.list_all("image", "/images", "images", **{owner_tags.ENVIRONMENT: environment})

    def _find(self, request: StemcellRequest) -> Told | None:
        query = {"name": names.name_of(request.owner)}
        told = self._api.list_all("image", "/images", "images", **query)
        return next((one for one in told if stemcells.owner_of(one) == request.owner), None)

    def _send(self, request: StemcellRequest, there: Told | None) -> StemcellCid:
        """`there` may lack its bytes."""
        with _disk_of(request.image_path) as (disk, kind):
            if there is None:
                record = stemcells.write_record(request, None, version=self._version(request), config=self._config)
                there = self._api.post("image", "/images", {**record, "disk_format": kind})
            if there["status"] == "queued":
                self._api.upload(f"/images/{there['id']}/file", disk)
        return stemcells.write_cid(str(there["id"]), str(there["id"]))

    def _version(self, request: StemcellRequest) -> str:
        return self._config.default_version if request.version == "latest" else request.version


@contextlib.contextmanager
def _disk_of(path: str) -> Iterator[tuple[IO[bytes], str]]:
    """The disk in a file, or in an archive as BOSH's stemcells have it, and its format."""
    try:
        with open(path, "rb") as stream:
            if stream.read(2) != _GZIP:
                yield stream, _format_of(stream)
                return
            stream.seek(0)
            with tarfile.open(fileobj=stream, mode="r:gz") as archive:
                member = archive.extractfile(_MEMBER)
                assert member is not None
                yield member, _format_of(member)
    except (OSError, KeyError, tarfile.TarError) as error:
        raise CloudError(
            "image-not-readable",
            f"The stemcell's image {path} cannot be read.",
            why=str(error),
            fix=f"Name a raw or qcow2 file, or a .tgz that holds {_MEMBER}.",
        ) from error


def _format_of(disk: IO[bytes]) -> str:
    disk.seek(0)
    head = disk.read(len(_QCOW2))
    disk.seek(0)
    return "qcow2" if head == _QCOW2 else "raw"
