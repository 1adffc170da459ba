"""Images that Azure makes of what it has: of a blob, a snapshot, a disk or a VM, in one call.

Takes requests with a source, gives CIDs. The image is the stemcell and has its owner key; what it is made of is the
user's, and stays. Source: learn.microsoft.com, "Images - Create Or Update".
"""

import re
from collections.abc import Mapping
from typing import Any

from cpi.clouds.azure.images import stemcells
from cpi.clouds.azure.wire import cids, config, names, ownership, underway
from cpi.clouds.azure.wire.api import Api
from cpi.clouds.azure.wire.names import ResourcePaths
from cpi.contract.landing_parts import ImageOrigin, ImageSource
from cpi.contract.values import StemcellCid, StemcellRequest
from cpi.kit import judge
from cpi.kit.judge import ImageFacts

Json = Mapping[str, Any]

_IMAGE = re.compile(
    r"(?i)/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/"
    r"(?:images/[^/]+|galleries/[^/]+/images/[^/]+(?:/versions/[^/]+)?)"
)
_BLOB = re.compile(r"https://\S+")
_SNAPSHOT = re.compile(
    r"(?i)(?:/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/snapshots/)?[a-z0-9_][a-z0-9_.-]*"
)
_DISK = re.compile(
    r"(?i)(?:/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/disks/)?[a-z0-9_][a-z0-9_.-]*"
)
_VM = re.compile(
    r"(?i)(?:/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.Compute/virtualMachines/)?"
    r"[a-z0-9_][a-z0-9_.-]*"
)
_SHOWN = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/"
PLACES: Mapping[ImageOrigin, tuple[re.Pattern[str], str]] = {
    "image": (_IMAGE, f"{_SHOWN}images/web"),
    "blob": (_BLOB, "https://ACCOUNT.blob.core.windows.net/vhds/web.vhd"),
    "snapshot": (_SNAPSHOT, f"{_SHOWN}snapshots/web"),
    "disk": (_DISK, f"{_SHOWN}disks/web"),
    "vm": (_VM, f"{_SHOWN}virtualMachines/web"),
}
"""A pattern of what each is named by, and an example. A name alone is one of the environment's group."""
_KINDS: Mapping[ImageOrigin, str] = {"snapshot": "snapshot", "disk": "disk", "vm": "VM"}
_KEYS: Mapping[ImageOrigin, str] = {"snapshot": "snapshot", "disk": "managedDisk"}
_GENERALIZED = "OSState/generalized"


class ManagedImages:
    def __init__(self, api: Api, settings: config.AzureConfig, places: ResourcePaths) -> None:
        self._api = api
        self._settings = settings
        self._places = places

    def create(self, request: StemcellRequest, source: ImageSource) -> StemcellCid:
        """Give the action's stemcell, made if it is not there. Raises Underway."""
        name = names.name_of(request.owner, "stemcell")
        path = self._places.path(names.IMAGE, name)
        there = self._api.get(path)
        if there is not None and names.has_failed(ownership.require_same(there, request.owner)):
            self._api.delete(path)
            there = None
        if there is None:
            self.facts(source)
            body = stemcells.render_made(request, self._profile(source), self._settings.location)
            with underway.leaving(f"image/{name}"):
                there = self._api.put(path, body)
        self._api.stop_until(not names.is_changing(there), f"creating image {name}")
        return stemcells.cid_of(name, stemcells.ImageReference(id=path))

    def facts(self, source: ImageSource) -> ImageFacts | None:
        """The facts of what an image is made of; None of a blob, which no call of the resource manager tells.

        Raises NotFoundError, code unknown-image-source; CloudError, code image-source-unfit.
        """
        if source.origin == "blob":
            return None
        if source.origin == "image":
            return stemcells.facts_of(stemcells.ImageReference(id=source.place), self._api.get(source.place))
        query = {"expand": "instanceView"} if source.origin == "vm" else {}
        found = self._api.get(self._path(source), **query)
        if found is None:
            raise judge.unknown_source(source, cloud="Azure")
        self._check(source, found)
        about = found["properties"]
        disk = about.get("storageProfile", {}).get("osDisk", {}) if source.origin == "vm" else about
        return ImageFacts(name=f"The image of '{source.place}'", disk_gib=int(disk.get("diskSizeGB") or 0))

    def _check(self, source: ImageSource, found: Json) -> None:
        location = str(found.get("location", "")).replace(" ", "").lower()
        if location != self._settings.location.replace(" ", "").lower():
            raise judge.source_unfit(
                source,
                cloud="Azure",
                why=f"It is in {location}, and the environment in {self._settings.location}.",
                fix="Copy it into the environment's location first.",
            )
        view = found["properties"].get("instanceView", {})
        codes = {status.get("code") for status in view.get("statuses", [])}
        if source.origin == "vm" and _GENERALIZED not in codes:
            raise judge.source_unfit(
                source,
                cloud="Azure",
                why="The VM is not generalized.",
                fix="Run `waagent -deprovision+user` on it, then `az vm deallocate` and `az vm generalize`; it cannot "
                "start again.",
            )

    def _profile(self, source: ImageSource) -> dict[str, Any]:
        """The properties of an image that say what it is made of."""
        generation = source.generation or (self._settings.stemcell_generation if source.origin == "blob" else "")
        words = {"hyperVGeneration": stemcells.GENERATIONS[generation]} if generation else {}
        if source.origin == "vm":
            return {**words, "sourceVirtualMachine": {"id": self._path(source)}}
        of: dict[str, Any] = (
            {"blobUri": source.place} if source.origin == "blob" else {_KEYS[source.origin]: {"id": self._path(source)}}
        )
        return {**words, "storageProfile": {"osDisk": {"osType": "Linux", "osState": "Generalized", **of}}}

    def _path(self, source: ImageSource) -> str:
        place = source.place
        return place if place.startswith("/") else cids.path_of(place, _KINDS[source.origin], self._places)
