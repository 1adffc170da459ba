"""The VM's own blobs: whole, checked, named by their SHA-256.

Takes streams and digests ("sha256:<hex>" or bare hex), gives files under data/blobs.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from typing import BinaryIO, Callable, Iterable, Protocol, Tuple

from director.guest.failures import GuestError
from director.guest.layout import Layout
from director.guest.system import files

_HEX = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 18


def hex_of(digest: str) -> str:
    bare = digest[len("sha256:") :] if digest.startswith("sha256:") else digest
    if not _HEX.fullmatch(bare):
        raise GuestError("bad-digest", "'%s' is not a SHA-256 digest." % digest)
    return bare


def blob_path(layout: Layout, digest: str) -> str:
    return os.path.join(layout.blobs, hex_of(digest))


def need_blob(layout: Layout, digest: str) -> str:
    """The path of a blob that must be there. Raises blob-missing."""
    path = blob_path(layout, digest)
    if not os.path.exists(path):
        raise GuestError(
            "blob-missing",
            "The blob %s is not on this VM." % digest,
            fix="Send it with put-blob before the verb that needs it.",
        )
    return path


class ByteSource(Protocol):
    def read(self, most: int) -> bytes: ...


def save_blob(layout: Layout, stream: ByteSource, *, digest: str) -> None:
    """Store what the stream gives if it has that digest; twice is once. Raises digest-mismatch, disk-full."""
    path = blob_path(layout, digest)

    def copy(target: BinaryIO) -> None:
        for chunk in iter(lambda: stream.read(_CHUNK), b""):
            target.write(chunk)

    _, found = _write(layout, copy, wanted=os.path.basename(path))
    if found != os.path.basename(path):
        raise GuestError(
            "digest-mismatch",
            "A blob arrived damaged.",
            why="its SHA-256 is %s, expected %s" % (found, os.path.basename(path)),
            fix="Run the command again.",
        )


def make_blob(layout: Layout, write: Callable[[BinaryIO], None]) -> Tuple[str, int]:
    """Store what `write` writes; gives its digest and size."""
    size, found = _write(layout, write, wanted="")
    return "sha256:" + found, size


def delete_blobs(layout: Layout, keep: Iterable[str]) -> int:
    """Remove every blob but those; gives how many went."""
    kept = {hex_of(digest) for digest in keep}
    gone = [name for name in os.listdir(layout.blobs) if name not in kept]
    for name in gone:
        files.remove_path(os.path.join(layout.blobs, name))
    return len(gone)


def _write(layout: Layout, write: Callable[[BinaryIO], None], *, wanted: str) -> Tuple[int, str]:
    """Write into a temporary file and name it by its digest, unless another digest was `wanted`."""
    descriptor, temporary = tempfile.mkstemp(dir=layout.blobs, prefix=".new-")
    try:
        with open(descriptor, "w+b") as target:
            write(target)  # mkstemp made it 0600
            target.flush()
            size = target.tell()
            found = _sha256(target)
        if wanted in ("", found):
            os.replace(temporary, os.path.join(layout.blobs, found))
    except OSError as error:
        raise files.full_or(error, layout.blobs) from error
    finally:
        files.remove_path(temporary)
    return size, found


def _sha256(stream: BinaryIO) -> str:
    stream.seek(0)
    digest = hashlib.sha256()
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        digest.update(chunk)
    return digest.hexdigest()
