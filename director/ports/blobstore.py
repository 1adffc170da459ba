"""Blobs by digest, and the cache of compiled packages.

Takes digests and streams, gives streams.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import BinaryIO, Protocol

from director.model.ids import Digest
from director.model.releases.release import CompiledPackage


class Blobstore(Protocol):
    """Content-addressed: what is stored under a digest never changes. Safe to call from many threads."""

    def put_blob(self, stream: BinaryIO, *, announce: Callable[[Digest], None] | None = None) -> Digest:
        """Store what the stream gives; twice is once. Raises StateError, code `disk-full`, and leaves nothing.

        `announce` is given the digest of a blob that is not there yet, before it is: what it writes down outlives a
        crash that the blob outlives. When it raises nothing is stored.
        """

    def delete_blob(self, digest: Digest) -> None:
        """After: it is not there. Twice is once."""

    def has_blob(self, digest: Digest) -> bool:
        """Whether it is there, whole."""

    def open_blob(self, digest: Digest) -> BinaryIO:
        """Read it. Raises StateError, code `blob-missing`; a damaged blob raises `blob-damaged` and is removed."""

    def find_compiled(self, keys: Iterable[str]) -> Mapping[str, CompiledPackage]:
        """Those of the compiled packages that are there, with their blobs."""

    def save_compiled(self, package: CompiledPackage) -> None:
        """Remember a compiled package; twice is once."""

    def list_compiled(self) -> tuple[CompiledPackage, ...]:
        """All that is remembered, in the order of their keys, also where the blob is not there."""

    def forget_compiled(self, key: str) -> None:
        """After: it is not remembered; its blob stays. Twice is once."""
