"""The blobstore as a directory: blobs by SHA-256, fanned out by its first two digits.

Takes a home, gives a Blobstore. Everything in it is this user's alone (0700, 0600), and many processes may share it.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from director.edge.blobs import digests
from director.edge.blobs.digest_index import DigestIndex
from director.edge.machine import atomic_files, regular_files
from director.errors import Bug, StateError
from director.model.ids import Digest
from director.model.releases.release import CompiledPackage

_Seen = tuple[int, int, int]


class BlobsDir:
    """Blobs and the index of compiled packages below `home`.

    A blob is hashed whole when it is first opened or looked up in a process, and again when its inode, size or
    time of change differ from what was hashed then; `find_compiled` compares sizes only, as it looks up hundreds.
    """

    def __init__(self, home: Path) -> None:
        self._blobs = home / "sha256"
        self._partial = home / "partial"
        self._compiled = DigestIndex(home / "compiled", self._partial)
        self._verified: dict[Digest, _Seen] = {}
        self._is_cleaned = False

    def put_blob(self, stream: BinaryIO, *, announce: Callable[[Digest], None] | None = None) -> Digest:
        self._sweep()
        found: list[Digest] = []

        def fill(out: BinaryIO) -> Path:
            found.append(_copy(stream, out))
            path = self._path(found[0])
            if announce and not path.exists():
                announce(found[0])
            return path

        atomic_files.write_atomically(self._partial, fill)
        return found[0]

    def delete_blob(self, digest: Digest) -> None:
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise atomic_files.storage_error(path, error) from error

    def has_blob(self, digest: Digest) -> bool:
        try:
            self.open_blob(digest).close()
        except StateError:
            return False
        return True

    def open_blob(self, digest: Digest) -> BinaryIO:
        path = self._path(digest)
        try:
            stream = regular_files.open_file(path)
        except FileNotFoundError as error:
            raise _missing(digest) from error
        except OSError as error:
            raise atomic_files.storage_error(path, error) from error
        with ExitStack() as unless_whole:
            unless_whole.callback(stream.close)
            self._verify(digest, path, stream)
            unless_whole.pop_all()
        return stream

    def find_compiled(self, keys: Iterable[str]) -> Mapping[str, CompiledPackage]:
        found = (self._find_one(key) for key in keys)
        return {package.key: package for package in found if package}

    def save_compiled(self, package: CompiledPackage) -> None:
        self._compiled.save_entry(package.key, package.digest, package.size)

    def list_compiled(self) -> tuple[CompiledPackage, ...]:
        found = [
            CompiledPackage(key=entry.key, digest=Digest(entry.digest), size=entry.size)
            for entry in self._compiled.list_entries()
        ]
        return tuple(sorted(found, key=lambda package: package.key))

    def forget_compiled(self, key: str) -> None:
        self._compiled.delete_entry(key)

    def _find_one(self, key: str) -> CompiledPackage | None:
        entry = self._compiled.find_entry(key)
        if not entry:
            return None
        digest = Digest(entry.digest)
        if _size(self._path(digest)) != entry.size:
            return None
        return CompiledPackage(key=key, digest=digest, size=entry.size)

    def _verify(self, digest: Digest, path: Path, stream: BinaryIO) -> None:
        status = os.fstat(stream.fileno())
        seen = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._verified.get(digest) == seen:
            return
        if digests.hash_stream(stream) != digest:
            _remove(path, status.st_ino)
            raise _damaged(digest, path)
        stream.seek(0)
        self._verified[digest] = seen

    def _path(self, digest: Digest) -> Path:
        algorithm, _, value = digest.partition(":")
        if algorithm != "sha256" or len(value) != 64 or not set(value) <= set("0123456789abcdef"):
            raise Bug("digest-malformed", f"'{digest}' is not the digest of a blob.")
        return self._blobs / value[:2] / value[2:]

    def _sweep(self) -> None:
        if not self._is_cleaned:
            self._is_cleaned = True
            atomic_files.remove_abandoned(self._partial)


def _copy(stream: BinaryIO, out: BinaryIO) -> Digest:
    hashed = hashlib.sha256()
    while data := stream.read(digests.CHUNK_BYTES):
        hashed.update(data)
        out.write(data)
    return Digest(f"sha256:{hashed.hexdigest()}")


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None
    except OSError as error:
        raise atomic_files.storage_error(path, error) from error


def _remove(path: Path, inode: int) -> None:
    """Remove the file we looked at, unless another process has put a whole one in its place meanwhile."""
    try:
        if path.stat().st_ino == inode:
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise atomic_files.storage_error(path, error) from error


def _missing(digest: Digest) -> StateError:
    return StateError(
        "blob-missing",
        f"The blobstore has no blob {digest}.",
        why="It was never stored here, or it was removed.",
        fix="Run the command again: compleat rebuilds or fetches what it can.",
    )


def _damaged(digest: Digest, path: Path) -> StateError:
    return StateError(
        "blob-damaged",
        f"Blob {digest} was damaged on disk and has been removed.",
        why=f"The content of {path} does not match the digest.",
        fix="Run the command again: compleat rebuilds or fetches the blob. If it happens again, check the disk.",
    )
