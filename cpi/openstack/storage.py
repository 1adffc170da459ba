"""Blobs in the landing zone's Swift container, read by VMs through Swift's temporary URLs.

Takes names and streams, changes Swift. Source: OpenStack Swift API, "Temporary URL middleware" (digests, keys, paths).
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote, unquote, urlsplit

from cpi.errors import NotFoundError
from cpi.openstack import layout
from cpi.openstack.api import Api
from cpi.openstack.landing import OpenStackLanding
from cpi.values import SignedUrl

_KEY = "X-Container-Meta-Temp-Url-Key"
_PIECE = 1 << 20


class OpenStackStorage:
    """Implements Storage of cpi.cloud. The container's name and its key are asked for once."""

    kind = layout.CONTAINER

    def __init__(self, api: Api, environment: str, landing: OpenStackLanding) -> None:
        self._api = api
        self._environment = environment
        self._landing = landing
        self._path = ""
        self._key = ""

    def put_blob(self, name: str, stream: BinaryIO, *, size: int) -> None:
        path = self._container()
        try:
            told = self._api.read("object", path, format="json", prefix=name, limit="1").get("list", ())
        except NotFoundError:
            self._path = self._key = ""  # it was deleted behind our back
            raise
        if not any(one["name"] == name and one["bytes"] == size for one in told):
            self._api.send_content("object", f"{path}/{quote(name)}", _pieces(stream))

    def sign_url(self, name: str, *, valid_s: int) -> SignedUrl:
        """For GET alone. Who may list the project's containers can read the key: so Swift has it."""
        url = f"{self._api.address('object')}{self._container()}/{quote(name)}"
        ends_s = int(self._api.now_s()) + valid_s
        # Swift signs the path as it is when the server has read it.
        text = f"GET\n{ends_s}\n{unquote(urlsplit(url).path)}".encode()
        signature = hmac.new(self._signing_key().encode(), text, hashlib.sha256).hexdigest()
        return SignedUrl(url=f"{url}?temp_url_sig={signature}&temp_url_expires={ends_s}", ca=self._api.ca())

    def _container(self) -> str:
        """Its path. Raises NotFoundError, code storage-missing."""
        if not self._path:
            name = self._landing.container(self._environment)
            if not name:
                raise NotFoundError(
                    "storage-missing",
                    f"Environment '{self._environment}' has no Swift container.",
                    fix="Run `compleat up` again: it makes what is missing of the landing zone.",
                )
            self._path = f"/{quote(name)}"
        return self._path

    def _signing_key(self) -> str:
        """The container's; made at random where it has none yet. Whoever comes second takes the first one's."""
        if not self._key:
            path = self._container()
            if not self._api.headers("object", path).get(_KEY):
                self._api.set_headers("object", path, {_KEY: secrets.token_hex(32)})
            self._key = str(self._api.headers("object", path).get(_KEY, ""))
        return self._key


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: stream.read(_PIECE), b"")
