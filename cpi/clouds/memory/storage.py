"""The memory cloud's object storage.

Takes blobs, keeps them. Its URLs lead nowhere: a simulated VM looks up the name.
"""

from collections.abc import Mapping
from typing import BinaryIO

from cpi.clouds.memory.cloud import MemoryCloud
from cpi.clouds.memory.landing import STORAGE
from cpi.contract.errors import NotFoundError
from cpi.contract.values import SignedUrl

URL = "memory:"


class MemoryStorage:
    """Implements Storage of cpi.contract.cloud."""

    kind = STORAGE

    def __init__(self, cloud: MemoryCloud) -> None:
        self._cloud = cloud

    def put_blob(self, name: str, stream: BinaryIO, *, size: int) -> None:
        with self._cloud.gate.call("put_blob", name):
            if STORAGE not in {found.kind for found in self._cloud.resources.landing.values()}:
                raise NotFoundError("storage-missing", "The landing zone has no object storage.")
            if len(self._cloud.resources.blobs.get(name, b"")) != size or name not in self._cloud.resources.blobs:
                self._cloud.resources.blobs[name] = stream.read()

    def sign_url(self, name: str, *, valid_s: int) -> SignedUrl:
        return SignedUrl(url=URL + name)

    def list_blobs(self) -> Mapping[str, int]:
        with self._cloud.gate.call("list_blobs", ""):
            return {name: len(content) for name, content in self._cloud.resources.blobs.items()}

    def delete_blob(self, name: str) -> None:
        with self._cloud.gate.call("delete_blob", name):
            self._cloud.resources.blobs.pop(name, None)
