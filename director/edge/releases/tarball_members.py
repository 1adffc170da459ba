"""Members of a release tarball joined to it: files at hand, and blobs of the blobstore.

Takes files and digests by path, gives a stream that is made while it is read.
"""

import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO

from director.edge.releases import packing
from director.edge.releases.packing import PackEntry
from director.errors import Bug
from director.model.ids import Digest
from director.ports.blobstore import Blobstore

MANIFEST = "release.MF"


def joined(blobstore: Blobstore, files: Mapping[str, bytes], blobs: Mapping[str, Digest]) -> io.BufferedReader:
    """A tarball of files and of blobs, by path."""
    small = [file_entry(path, data) for path, data in files.items()]
    large = [_entry(path, partial(blobstore.open_blob, digest), digest=digest) for path, digest in blobs.items()]
    return packing.packed_stream([*small, *large], is_compressed=True)


def file_entry(path: str, content: bytes, permissions: int = 0o644) -> PackEntry:
    """A file whose content is at hand."""
    return _entry(path, partial(io.BytesIO, content), permissions=permissions)


def _entry(path: str, opened: Callable[[], BinaryIO], *, digest: str = "", permissions: int = 0o644) -> PackEntry:
    def refuse(got: str) -> Bug:
        return Bug("packed-file-changed", f"'{path}' has digest {got}, expected {digest}.")

    return PackEntry(path=path, permissions=permissions, link=None, open=opened, digest=digest, refuse=refuse)
