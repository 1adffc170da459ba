"""The landing zone's container: blobs in Swift, read by signed URLs (TempURL) whose key is only in Swift.

Takes environments and owners, changes Swift.    Source: openstack/swift swift/common/middleware/tempurl.py @2.30.1.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import BinaryIO
from urllib.parse import quote

from cpi.clouds.openstack.landing import layout, temp_urls
from cpi.clouds.openstack.landing.nova_key_pairs import named
from cpi.clouds.openstack.landing.temp_urls import Abilities
from cpi.clouds.openstack.wire import names, refusals, resource_tags
from cpi.clouds.openstack.wire.api import Api, Send
from cpi.contract.errors import ConflictError, DeniedError, NotFoundError
from cpi.contract.value_classes import dataclass
from cpi.contract.values import LandingResource, OwnerKey, SignedUrl
from cpi.kit.landing import Part, PartFound

_KEY = "X-Container-Meta-Temp-URL-Key"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opened:
    """The container, and how URLs into it are signed."""

    name: str
    key: str = field(repr=False)
    abilities: Abilities


class Container(Part):
    """The one container of an environment. Implements Storage of cpi.contract.cloud, too."""

    cloud = "OpenStack"
    kind = layout.CONTAINER

    def __init__(self, api: Api, environment: str, *, is_wanted: bool) -> None:
        self._api = api
        self._environment = environment
        self._is_wanted = is_wanted
        self._opened: _Opened | None = None
        self._opening = threading.Lock()

    def find(self, environment: str, name: str = "") -> Iterator[PartFound]:
        """None where there is no Swift, or where this user has no role in it and the settings ask for no container."""
        if not self._api.has_service("object"):
            return
        try:
            yield from named(layout.CONTAINER, self._api.list_stored("", prefix="compleat "), environment)
        except DeniedError:
            if self._is_wanted:
                raise

    def make(self, resource: LandingResource, owner: OwnerKey) -> PartFound:
        """With a key of its own for signed URLs."""
        self._opened = None
        name = names.key_pair_name(owner.environment, owner.action)
        headers = {**resource_tags.write_headers(self._api.tags), _KEY: self._api.new_key()}
        self._api.put_stored(f"/{quote(name)}", Send(headers=headers))
        return PartFound(id=name, name=resource.name, owner=owner)

    def outputs(self, found: PartFound) -> Mapping[str, str]:
        return {"container": found.id}

    def delete(self, id_: str) -> None:
        """Empties it first. Raises TransientError while Swift still lists what is gone."""
        self._opened = None
        path = f"/{quote(id_)}"
        try:
            for blob in self._api.list_stored(path):
                self._api.delete("object", f"{path}/{quote(blob)}")
        except NotFoundError:
            return
        try:
            self._api.delete("object", path)
        except ConflictError as error:
            raise refusals.not_ready(f"Container '{id_}'", error.why) from error

    def put_blob(self, name: str, stream: BinaryIO, *, size: int) -> None:
        opened = self._open()
        temp_urls.require_size(size, opened.abilities)
        path = f"/{quote(opened.name)}/{quote(name)}"
        try:
            if self._size_of(path) != size:
                headers = {"Content-Type": "application/octet-stream"}
                self._api.put_stored(path, Send(content=stream, headers=headers))
        except NotFoundError:
            self._opened = None
            raise

    def sign_url(self, name: str, *, valid_s: int) -> SignedUrl:
        opened = self._open()
        url = temp_urls.sign_url(
            f"{self._api.stored_at()}/{quote(opened.name)}/{quote(name)}",
            key=opened.key,
            digest=opened.abilities.digest,
            expires_s=int(self._api.now_s()) + valid_s,
        )
        return SignedUrl(url=url, ca=self._api.ca())

    def list_blobs(self) -> Mapping[str, int]:
        found = self._there()
        if found is None:
            return {}
        return {str(one["name"]): int(one["bytes"]) for one in self._api.describe_stored(f"/{quote(found.id)}")}

    def delete_blob(self, name: str) -> None:
        found = self._there()
        if found is not None:
            self._api.delete("object", f"/{quote(found.id)}/{quote(name)}")

    def _there(self) -> PartFound | None:
        return self.first(layout.NAMED[self.kind], self._environment)

    def _size_of(self, path: str) -> int:
        """-1 when it is not there, or of no known size."""
        try:
            return int(self._api.head_stored(path).get("Content-Length", -1))
        except NotFoundError:
            return -1

    def _open(self) -> _Opened:
        """Asked once; what this makes or deletes is forgotten. Raises NotFoundError, NotSupportedError."""
        with self._opening:
            if self._opened is None:
                found = self._there()
                if found is None:
                    raise NotFoundError(
                        "storage-missing",
                        "The landing zone has no container.",
                        fix="Run `compleat up` again: it creates what is missing.",
                    )
                self._opened = _Opened(name=found.id, abilities=self._abilities(), key=self._key_of(found.id))
            return self._opened

    def _abilities(self) -> Abilities:
        try:
            return temp_urls.read_abilities(self._api.stored_abilities())
        except (NotFoundError, DeniedError) as error:
            raise temp_urls.no_urls(f"It does not report its capabilities (/info). {error.why}") from error

    def _key_of(self, name: str) -> str:
        """Add a key to a container without one; a concurrent writer may win."""
        path = f"/{quote(name)}"
        found = self._api.head_stored(path).get(_KEY)
        if not found:
            try:
                self._api.post_stored(path, {_KEY: self._api.new_key()})
            except DeniedError as error:
                raise temp_urls.no_urls(error.why) from error
            found = self._api.head_stored(path).get(_KEY)
        if not found:
            raise temp_urls.no_urls("Swift does not show this user the signing key.")
        return found
