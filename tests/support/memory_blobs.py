"""A Blobstore in memory."""

import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from director.errors import StateError
from director.model.ids import Digest
from director.model.releases.release import CompiledPackage
from tests.support.deaths import Deaths


@dataclass(slots=True)
class BlobsDisk:
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    compiled: dict[str, CompiledPackage] = field(default_factory=dict)


class MemoryBlobs:
    """Implements Blobstore."""

    def __init__(self, disk: BlobsDisk | None = None, deaths: Deaths | None = None) -> None:
        self.disk = disk or BlobsDisk()
        self._deaths = deaths or Deaths()

    def put_blob(self, stream: BinaryIO, *, announce: Callable[[Digest], None] | None = None) -> Digest:
        content = stream.read()
        digest = Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")
        if announce and digest not in self.disk.blobs:
            announce(digest)
        self.disk.blobs[digest] = content
        return digest

    def delete_blob(self, digest: Digest) -> None:
        self.disk.blobs.pop(digest, None)

    def has_blob(self, digest: Digest) -> bool:
        return digest in self.disk.blobs

    def open_blob(self, digest: Digest) -> BinaryIO:
        if digest not in self.disk.blobs:
            raise StateError("blob-missing", f"There is no blob {digest}.")
        return io.BytesIO(self.disk.blobs[digest])

    def find_compiled(self, keys: Iterable[str]) -> Mapping[str, CompiledPackage]:
        found = {key: self.disk.compiled[key] for key in keys if key in self.disk.compiled}
        return {key: package for key, package in found.items() if self.has_blob(package.digest)}

    def save_compiled(self, package: CompiledPackage) -> None:
        self._deaths.passing("blobs: before save")
        self.disk.compiled[package.key] = package
        self._deaths.passing("blobs: after save")

    def list_compiled(self) -> tuple[CompiledPackage, ...]:
        return tuple(package for _, package in sorted(self.disk.compiled.items()))

    def forget_compiled(self, key: str) -> None:
        self._deaths.passing("blobs: before forget")
        self.disk.compiled.pop(key, None)
