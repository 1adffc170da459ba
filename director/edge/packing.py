"""Source archives of packages: the same files always give the same bytes.

Takes entries, gives a tar stream (GNU format, sorted, no times, no owners; gzip without a time, or plain).
"""

import hashlib
import io
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cpi.errors import ExplainedError
from director.edge.digests import CHUNK_BYTES

_OWNER_EXECUTABLE = 0o100
_BLOCK = 512
_LEVEL = 1  # sources are few and wheels are packed already: level 6 would take four times as long to save 3 percent


@dataclass(frozen=True, slots=True, kw_only=True)
class PackEntry:
    """One file: `link` is a symbolic link's text, else `open` gives the content.

    `digest` ("sha256:...") is what the content must have, "" for anything; `refuse` makes the error if it has not.
    """

    path: str
    permissions: int
    link: str | None
    open: Callable[[], BinaryIO]
    digest: str
    refuse: Callable[[str], ExplainedError]


def packed_stream(entries: Iterable[PackEntry], *, is_compressed: bool) -> io.BufferedReader:
    """Give the archive as a stream that is made while it is read."""
    chunks = _tar_chunks(sorted(entries, key=lambda entry: _bytes(entry.path)))
    return io.BufferedReader(_Chunks(_gzip_chunks(chunks) if is_compressed else chunks), CHUNK_BYTES)


def _tar_chunks(entries: list[PackEntry]) -> Iterator[bytes]:
    known: set[str] = set()
    for entry in entries:
        for folder in _folders(entry.path):
            if folder not in known:
                known.add(folder)
                yield _header(folder, tarfile.DIRTYPE, 0o755)
        yield from _entry_chunks(entry)
    yield bytes(2 * _BLOCK)


def _folders(path: str) -> list[str]:
    """The root and each folder above the path, outermost first."""
    names = path.split("/")[:-1]
    return ["./", *("./" + "/".join(names[: depth + 1]) + "/" for depth in range(len(names)))]


def _entry_chunks(entry: PackEntry) -> Iterator[bytes]:
    path = posixpath.join(".", entry.path)
    if entry.link is not None:
        yield _header(path, tarfile.SYMTYPE, 0o777, link=entry.link)
        return
    hashed = hashlib.sha256()
    with entry.open() as stream:
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        yield _header(path, tarfile.REGTYPE, 0o755 if entry.permissions & _OWNER_EXECUTABLE else 0o644, size=size)
        left = size
        while left and (data := stream.read(min(left, CHUNK_BYTES))):
            hashed.update(data)
            left -= len(data)
            yield data
    if left or (entry.digest and entry.digest != f"sha256:{hashed.hexdigest()}"):
        raise entry.refuse(f"sha256:{hashed.hexdigest()}")
    yield bytes(-size % _BLOCK)


def _header(path: str, kind: bytes, mode: int, *, size: int = 0, link: str = "") -> bytes:
    info = tarfile.TarInfo(path)
    info.type, info.mode, info.size, info.linkname = kind, mode, size, link
    return info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _gzip_chunks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)  # 31: a gzip header, whose time zlib leaves at 0
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


class _Chunks(io.RawIOBase):
    """Chunks as a stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
