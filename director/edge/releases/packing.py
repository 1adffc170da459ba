"""Source archives of packages: the same files always give the same bytes.

Takes entries, gives a tar stream (GNU format, sorted, no times, no owners; gzip without a time, or plain).
"""

import hashlib
import io
import posixpath
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director.edge.blobs.digests import CHUNK_BYTES

_OWNER_EXECUTABLE = 0o100
_BLOCK = 512
_LEVEL = 1  # level 6 takes four times as long to save little
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"
_SAMPLE_BYTES = 16384
_MAX_STORED_BYTES = 65535


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
    """One gzip stream without a time. What is packed already (wheels, say) goes in as it is, many times faster."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    check, size = 0, 0
    yield _GZIP_HEADER
    for chunk in chunks:
        check, size = zlib.crc32(chunk, check), size + len(chunk)
        if _is_packed(chunk):
            # A full flush ends on a byte, and makes the packer forget what it saw before the stored blocks.
            yield packer.flush(zlib.Z_FULL_FLUSH)
            yield from _stored_blocks(chunk)
        else:
            yield packer.compress(chunk)
    yield packer.flush()
    yield struct.pack("<II", check, size & 0xFFFFFFFF)


def _is_packed(chunk: bytes) -> bool:
    """Whether a sample of a large chunk does not get smaller."""
    sample = chunk[:_SAMPLE_BYTES]
    return len(sample) == _SAMPLE_BYTES and len(zlib.compress(sample, _LEVEL)) > 0.97 * _SAMPLE_BYTES


def _stored_blocks(chunk: bytes) -> Iterator[bytes]:
    """Deflate's blocks of kind "stored", none of them the last. Source: RFC 1951, section 3.2.4."""
    for start in range(0, len(chunk), _MAX_STORED_BYTES):
        piece = chunk[start : start + _MAX_STORED_BYTES]
        yield struct.pack("<BHH", 0, len(piece), len(piece) ^ 0xFFFF) + piece


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
