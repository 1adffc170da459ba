"""Swift as far as the plugin calls it, for a test's own OpenStack: containers, objects, TempURL.

Takes one call of HTTP, gives its answer. The real one (tests/clouds/openstack) was looked at for every status here.
"""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ACCOUNT = "/v1/AUTH_t"
_META = "x-container-meta-"
_KEY = f"{_META}temp-url-key"

Answer = tuple[int, dict[str, str], bytes]


@dataclass(slots=True)
class Swift:
    """`shows_key`, `lists_late` and `has_role` are faults: a role that does not own the account, a list that lags
    behind, a user without any role in Swift.
    """

    abilities: dict[str, Any] | None = field(
        default_factory=lambda: {"tempurl": {"methods": ["GET"], "allowed_digests": ["sha1", "sha256"]}}
    )
    containers: dict[str, dict[str, bytes]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, dict[str, str]] = field(default_factory=dict)
    """The metadata of containers without their keys; Swift returns the bytes as they came."""
    page: int = 2
    shows_key: bool = True
    lists_late: bool = False
    has_role: bool = True

    def answer(self, asked: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One call, `asked` as "METHOD /path?query"."""
        method, _, raw = asked.partition(" ")
        url = urlsplit(raw)
        path, query = unquote(url.path), {key: each[0] for key, each in parse_qs(url.query).items()}
        if path == "/info":
            return (404, {}, b"") if self.abilities is None else (200, {}, json.dumps(self.abilities).encode())
        container, _, name = path.removeprefix(ACCOUNT).lstrip("/").partition("/")
        if "X-Auth-Token" not in headers and not self._is_signed(method, path, query):
            return 401, {}, b"<html><h1>Unauthorized</h1></html>"
        if not self.has_role:
            return 403, {}, b"<html><h1>Forbidden</h1></html>"
        if not container:
            return 200, {}, self._listed(self.containers, query)
        if container not in self.containers and (name or method != "PUT"):
            return 404, {}, b"<html><h1>Not Found</h1></html>"
        return (
            self._object(method, container, name, body) if name else self._container(method, container, headers, query)
        )

    def _is_signed(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        expires, container = query.get("temp_url_expires", "0"), path.removeprefix(ACCOUNT).split("/")[1]
        said = f"{method}\n{expires}\n{path}".encode()
        right = hmac.new(self.keys.get(container, "").encode(), said, "sha256").hexdigest()
        return int(expires) > time.time() and hmac.compare_digest(right, query.get("temp_url_sig", ""))

    def _listed(self, things: Mapping[str, object], query: Mapping[str, str]) -> bytes:
        after, prefix = query.get("marker", ""), query.get("prefix", "")
        names = [name for name in sorted(things) if name > after and name.startswith(prefix)]
        listed = [{"name": name, "bytes": _bytes_in(things[name])} for name in names]
        if delimiter := query.get("delimiter"):
            inside = [name for name in names if delimiter in name]
            subdirs = dict.fromkeys(name.partition(delimiter)[0] + delimiter for name in inside)
            listed = [one for one in listed if one["name"] not in inside]
            listed += [{"subdir": one} for one in subdirs if one > after]
        return json.dumps(listed[: self.page]).encode()

    def _container(self, method: str, name: str, headers: Mapping[str, str], query: Mapping[str, str]) -> Answer:
        blobs = self.containers.setdefault(name, {})
        said = {key.lower(): value for key, value in headers.items() if key.lower().startswith(_META)}
        self.metadata.setdefault(name, {}).update({key.removeprefix(_META): said[key] for key in said if key != _KEY})
        if method == "GET":
            return 200, {}, self._listed(blobs, query)
        if method == "DELETE":
            if blobs or self.lists_late:
                return 409, {}, b"<html><h1>Conflict</h1></html>"
            del self.containers[name]
            return 204, {}, b""
        if method in ("PUT", "POST") and self.shows_key:
            self.keys[name] = headers.get(_KEY, "")
        reported = {_KEY: self.keys[name]} if self.shows_key and self.keys.get(name) else {}
        return {"PUT": 201, "POST": 204, "HEAD": 204}[method], reported, b""

    def _object(self, method: str, container: str, name: str, body: bytes) -> Answer:
        blobs = self.containers[container]
        if method == "PUT":
            blobs[name] = body
            return 201, {}, b""
        if name not in blobs:
            return 404, {}, b"<html><h1>Not Found</h1></html>"
        if method == "DELETE":
            del blobs[name]
            return 204, {}, b""
        return 200, {}, blobs[name]


def _bytes_in(thing: object) -> int:
    """Of an object its size, of a container that of its objects."""
    if isinstance(thing, Mapping):
        return sum(map(_bytes_in, thing.values()))
    return len(thing) if isinstance(thing, bytes) else 0
