"""What images are made of: servers of Nova, and URLs that Glance imports from.

Takes calls and the images of a Glance, gives answers. An image is made after so many looks at it.
"""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

ROOT = "/compute"
_SERVER = re.compile(r"/compute/v2.1/servers/([0-9a-f-]{36})(/action)?")
_IMPORT = re.compile(r"/v2/images/([0-9a-f-]{36})/import")
_TAG = re.compile(r"/v2/images/([0-9a-f-]{36})/tags/([^/]+)")
METHODS = "/v2/info/import"

Json = dict[str, Any]
ImageReply = tuple[int, Any]


@dataclass(slots=True)
class ImageSources:
    """`slow` is after how many looks an image is there; `unreachable` are URLs that Glance cannot read."""

    servers: dict[str, Json] = field(default_factory=dict)
    methods: list[str] = field(default_factory=lambda: ["glance-direct", "web-download"])
    slow: int = 2
    unreachable: set[str] = field(default_factory=set)
    left: dict[str, int] = field(default_factory=dict)

    def add_server(self, image: str = "cirros") -> str:
        """A server that was created from an image; "" is one that boots from a volume."""
        cid = str(uuid.uuid4())
        self.servers[cid] = {"id": cid, "status": "ACTIVE", "image": {"id": image} if image else ""}
        return cid

    def is_asked(self, path: str) -> bool:
        """Whether a call is one of these."""
        return path == METHODS or any(each.fullmatch(path) for each in (_SERVER, _IMPORT, _TAG))

    def answer(self, path: str, body: Json, images: dict[str, Json]) -> ImageReply:
        """The answer to one of these calls."""
        if server := _SERVER.fullmatch(path):
            return self._of_server(server[1], body, images)
        if imported := _IMPORT.fullmatch(path):
            return self._import(images[imported[1]], body)
        if tagged := _TAG.fullmatch(path):
            images[tagged[1]].setdefault("tags", []).append(unquote(tagged[2]))
            return 204, None
        return 200, {"import-methods": {"value": self.methods}}

    def look(self, image: Json) -> None:
        """Somebody looks at an image: it comes along."""
        cid = str(image["id"])
        if cid in self.left:
            self.left[cid] -= 1
            if self.left[cid] <= 0:
                del self.left[cid]
                image |= {"status": "active", "size": 4096}

    def _of_server(self, cid: str, body: Json, images: dict[str, Json]) -> ImageReply:
        if cid not in self.servers:
            return 404, {"itemNotFound": {"message": f"Instance {cid} could not be found.", "code": 404}}
        if "createImage" not in body:
            return 200, {"server": self.servers[cid]}
        asked = body["createImage"]
        image = {"id": str(uuid.uuid4()), "name": asked["name"], "status": "saving", "tags": [], **asked["metadata"]}
        images[image["id"]] = {**image, "created_at": "2026-01-01T00:00:00Z", "base_image_ref": "cirros"}
        self.left[image["id"]] = self.slow
        return 202, {"image_id": image["id"]}

    def _import(self, image: Json, body: Json) -> ImageReply:
        if image["status"] != "queued":
            return 409, "Image status transition is not allowed"
        if body["method"]["uri"] in self.unreachable:
            image["os_glance_failed_import"] = "file"
            return 202, None
        image["status"] = "importing"
        self.left[image["id"]] = self.slow
        return 202, None
