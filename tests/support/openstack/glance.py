"""Keystone, Glance, Swift, Neutron, Octavia and as much of Nova and Cinder as VMs need, as a test's own HTTP server.

Takes nothing, gives settings for the plugin and what is there. Faults: the n-th call from now is lost or cut.
"""

import contextlib
import hashlib
import json
import re
import threading
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from requests.structures import CaseInsensitiveDict

from tests.support.openstack import image_sources, neutron, nova, octavia, swift
from tests.support.openstack.image_sources import ImageSources
from tests.support.openstack.neutron import Neutron
from tests.support.openstack.nova import Nova
from tests.support.openstack.octavia import Octavia
from tests.support.openstack.swift import Swift

_IMAGE = re.compile(r"/v2/images/([0-9a-f-]{36})(/file)?")


@dataclass(slots=True)
class Glance:
    """`cut_at` counts down over calls: at 0 the connection breaks; `is_done` says whether after the work or before."""

    url: str = ""
    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    cut_at: int = -1
    is_done: bool = False
    services: tuple[str, ...] = ("image", "compute", "network", "object-store", "load-balancer")
    """What the catalogue has; with "volumev3" servers can be made."""
    swift: Swift = field(default_factory=Swift)
    sources: ImageSources = field(default_factory=ImageSources)
    neutron: Neutron = field(default_factory=Neutron)
    octavia: Octavia = field(init=False)
    nova: Nova = field(init=False)

    def __post_init__(self) -> None:
        self.octavia = Octavia(self.neutron)
        self.nova = Nova(self.neutron)

    @property
    def addresses(self) -> dict[str, dict[str, Any]]:
        """Neutron's floating addresses."""
        return self.neutron.things["floatingips"]

    def settings(self) -> dict[str, Any]:
        """The plugin's, to come here."""
        return {
            "auth_url": f"{self.url}/v3",
            "username": "u",
            "api_key": "p",
            "project": "t",
            "region": "here",
        }

    def held(self) -> tuple[str, ...]:
        """Images by their status."""
        return tuple(f"{one['status']} {one['id']}" for one in self.images.values())

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """One call of Glance."""
        url = urlsplit(path)
        if url.path.startswith(octavia.ROOT):
            return self.octavia.answer(method, path, json.loads(body or b"{}"))
        if url.path.startswith(neutron.ROOT):
            return self.neutron.answer(method, path, json.loads(body or b"{}"))
        if "volumev3" in self.services and url.path.startswith((nova.ROOT, nova.VOLUMES)):
            return self.nova.answer(method, path, json.loads(body or b"{}"))
        if self.sources.is_asked(url.path):
            return self.sources.answer(url.path, json.loads(body or b"{}"), self.images)
        if url.path == "/v2/images":
            return self._listed(dict(parse_qsl(url.query))) if method == "GET" else self._made(json.loads(body))
        found = _IMAGE.fullmatch(url.path)
        image = self.images.get(found[1]) if found else None
        if found is None or image is None:
            return 404, "No image found"
        if found[2]:
            return self._filled(image, body)
        if method == "DELETE":
            del self.images[found[1]]
            return 204, None
        self.sources.look(image)
        return 200, image

    def receive(self, method: str, path: str) -> None:
        """Bytes begin to come: Glance says "saving" until they end."""
        found = _IMAGE.fullmatch(path)
        if method == "PUT" and found and found[1] in self.images:
            self.images[found[1]]["status"] = "saving"

    def _listed(self, query: dict[str, str]) -> tuple[int, Any]:
        wanted = {key: value for key, value in query.items() if key not in ("limit", "marker")}
        fitting = [one for one in self.images.values() if all(one.get(key) == each for key, each in wanted.items())]
        return 200, {"images": fitting}

    def _made(self, body: dict[str, Any]) -> tuple[int, Any]:
        image = {**body, "id": str(uuid.uuid4()), "status": "queued", "created_at": "2026-01-01T00:00:00Z"}
        self.images[image["id"]] = image
        return 201, image

    def _filled(self, image: dict[str, Any], body: bytes) -> tuple[int, Any]:
        digest = hashlib.sha512(body).hexdigest()
        image |= {"status": "active", "size": len(body), "os_hash_algo": "sha512", "os_hash_value": digest}
        return 204, None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    glance: Glance

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing."""

    def _serve(self) -> None:
        if self.path.startswith("/v3"):
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            return self._send(201, _token(self.glance), {"X-Subject-Token": "token"})
        self.glance.calls.append(f"{self.command} {urlsplit(self.path).path}")
        is_cut, self.glance.cut_at = self.glance.cut_at == 0, self.glance.cut_at - 1
        self.glance.receive(self.command, self.path)
        if is_cut and not self.glance.is_done:
            return self._hang_up()
        if self.path.startswith(("/info", swift.ACCOUNT)):
            asked, content = f"{self.command} {self.path}", self._read()
            return self._send_raw(*self.glance.swift.answer(asked, CaseInsensitiveDict(self.headers.items()), content))
        status, body = self.glance.answer(self.command, self.path, self._read())
        return self._hang_up() if is_cut else self._send(status, body, {})

    def _read(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = bytearray()
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return bytes(content)

    def _send(self, status: int, body: Any, headers: dict[str, str]) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        self._send_raw(status, {**headers, "Content-Type": "application/json"}, raw)

    def _send_raw(self, status: int, headers: Mapping[str, str], raw: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(raw))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(raw)

    def _hang_up(self) -> None:
        self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve


@contextlib.contextmanager
def glance() -> Iterator[Glance]:
    """One while it is open."""
    place = Glance()
    handler = type("Handler", (_Handler,), {"glance": place})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads, server.block_on_close = True, False
    place.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _token(place: Glance) -> dict[str, Any]:
    url = place.url
    endpoint = {"interface": "public", "region": "here", "region_id": "here", "id": "e"}
    addresses = {
        "image": url,
        "compute": url + image_sources.ROOT,
        "network": url,
        "object-store": url + swift.ACCOUNT,
        "load-balancer": f"{url}/load-balancer",
        "volumev3": f"{url}/volume",
    }
    catalog = [
        {"type": kind, "id": kind, "name": kind, "endpoints": [{**endpoint, "url": address}]}
        for kind, address in addresses.items()
        if kind in place.services
    ]
    named = {"id": "t", "name": "t", "domain": {"id": "default", "name": "Default"}}
    expires = "2099-01-01T00:00:00.000000Z"
    token = {"methods": ["password"], "expires_at": expires, "issued_at": "2026-01-01T00:00:00.000000Z"}
    return {"token": {**token, "project": named, "user": named, "catalog": catalog, "roles": []}}
