"""Images that are sent to Azure: a managed disk filled page by page through its SAS, and an image made of it.

Takes requests with the path of a fixed VHD, gives CIDs. Nothing but the resource group is needed: no storage account.
The image is the stemcell and has its owner key; the disk, which has it too, exists during the upload. An interrupted
upload is deleted and started again: Azure guarantees nothing about a half-written disk.
Source: learn.microsoft.com, "Upload a VHD to Azure", "Put Page".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.wire import config, names, ownership, underway
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.errors import LostReplyError, TransientError
from cpi.contract.values import FoundStemcell, JsonValue, StemcellCid, StemcellRequest
from cpi.kit import disk_image
from cpi.kit.disk_image import DiskImage, Format, Report

Json = Mapping[str, Any]

ACCEPTED = frozenset({Format.VHD})
CLOUD = "Azure"
_PAGES = 4 << 20
"""The most that one call may write, in bytes."""


class Uploads:
    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths, *, report: Report) -> None:
        self._api = api
        self._settings = settings
        self._places = places
        self._report = report
        self._granted: dict[str, str] = {}
        self._written: set[str] = set()

    def create(self, request: StemcellRequest, found: config.StemcellProperties, path: str) -> StemcellCid:
        """Give the action's stemcell, sent and made if it is not there. Raises Underway."""
        name = names.name_of(request.owner, "stemcell")
        with underway.uploading(name):
            there = self._api.get(self._image_path(name))
            if there is not None and not names.has_failed(ownership.require_same(there, request.owner)):
                self._api.stop_until(not names.is_changing(there), f"creating image {name}")
                self._written.discard(name)
                self._drop_disk(self._api.get(self._disk_path(name)), request.owner.environment)
                return self._cid(name)
            image = disk_image.survey(path, ACCEPTED, cloud=CLOUD)
            if there is not None:
                self._api.delete(self._image_path(name))
            self._drop_cut(name, image, request.owner.environment)
            generation = found.generation or self._settings.stemcell_generation
            made = stemcells.Made(location=self._settings.location, generation=generation)
            disk = self._written_disk(request, image, made)
            self._api.put(self._image_path(name), stemcells.render_image(request, str(disk["id"]), made))
            self._api.delete(self._disk_path(name))
            return self._cid(name)

    def note_access(self, name: str, result: JsonValue) -> None:
        """What an operation of an upload gave: the URL to write through, if it was that which it granted.

        It is a secret, so no handle holds it: a process that has none starts the upload again.
        """
        url = stemcells.find_access(result)
        if url:
            self._granted[name] = url

    def delete(self, name: str, environment: str) -> None:
        """The image, and what is left of its disk."""
        image = self._api.get(self._image_path(name))
        if image is not None:
            ownership.require(image, environment)
            self._api.delete(self._image_path(name))
        self._drop_disk(self._api.get(self._disk_path(name)), environment)

    def find(self) -> Iterator[FoundStemcell]:
        """Those that were sent, and those that were not to the end: their disk is there still."""
        images = {str(one["name"]): one for one in self._api.list(self._places.path(names.IMAGE))}
        disks = {str(one["name"]): one for one in self._uploads()}
        for name, resource in {**disks, **images}.items():
            answer = stemcells.read_sent(resource, self._cid(name), is_whole=name not in disks)
            if answer is not None:
                yield answer

    def is_own(self, name: str, image: stemcells.ImageReference) -> bool:
        """Whether a stemcell is one that was sent."""
        return image.id == self._image_path(name)

    def _written_disk(self, request: StemcellRequest, image: DiskImage, made: stemcells.Made) -> Json:
        """The disk with the image's bytes, closed. A disk is zeros where nothing was written."""
        name = names.name_of(request.owner, "stemcell")
        path = self._disk_path(name)
        if self._api.get(path) is None:
            self._api.put(path, stemcells.render_upload(request, image, made))
        if name not in self._written:
            granted = self._granted.pop(name, "")
            self._fill(granted or self._grant(path), image)
            self._written.add(name)
        disk = ownership.need(self._api.get(path), f"disk '{name}'")
        if stemcells.is_open(disk):
            self._api.post(f"{path}/endGetAccess")
        return disk

    def _grant(self, path: str) -> str:
        answer = self._api.post(f"{path}/beginGetAccess", {"access": "Write", "durationInSeconds": 86400})
        return stemcells.read_access(answer)

    def _fill(self, url: str, image: DiskImage) -> None:
        offset = 0
        for piece in disk_image.sent(image, piece_size=_PAGES, report=self._report):
            if piece.strip(b"\0"):
                self._write(url, offset, piece)
            offset += len(piece)

    def _write(self, url: str, offset: int, piece: bytes) -> None:
        """A page is itself however often it is written, so a lost answer is no doubt."""
        try:
            self._api.write_pages(url, offset=offset, content=piece)
        except LostReplyError as error:
            raise TransientError(
                error.code, error.what, why=error.why, fix="No action needed: compleat uploads the image again."
            ) from error

    def _drop_cut(self, name: str, image: DiskImage, environment: str) -> None:
        """Unfinished uploads of this action, or of a dead one for the same image: no record names them."""
        for disk in self._uploads():
            is_own = disk["name"] == name
            if (is_own or stemcells.is_of(disk, image, environment)) and not (is_own and self._is_usable(disk)):
                self.delete(str(disk["name"]), environment)
                self._written.discard(str(disk["name"]))

    def _is_usable(self, disk: Json) -> bool:
        """Whether this process can continue with a disk: it is empty, or its access or its content is known here."""
        name = str(disk["name"])
        is_known = name in self._granted or name in self._written
        return not names.has_failed(disk) and (is_known or stemcells.is_empty(disk))

    def _drop_disk(self, disk: Json | None, environment: str) -> None:
        if disk is None:
            return
        ownership.require(disk, environment)
        path = self._disk_path(str(disk["name"]))
        if stemcells.is_open(disk):
            self._api.post(f"{path}/endGetAccess")
        self._api.delete(path)

    def _uploads(self) -> Iterator[Json]:
        return (one for one in self._api.list(self._places.path(names.DISK)) if stemcells.is_upload(one))

    def _cid(self, name: str) -> StemcellCid:
        return stemcells.cid_of(name, stemcells.ImageReference(id=self._image_path(name)))

    def _image_path(self, name: str) -> str:
        return self._places.path(names.IMAGE, name)

    def _disk_path(self, name: str) -> str:
        return self._places.path(names.DISK, name)
