"""Tarballs of the sources' directories: the digest that each had when it was first read.

Takes a path and who named it, gives the digest; a file that changed since is refused.
"""

from pathlib import Path

from director.edge.blobs import digests
from director.edge.blobs.digest_index import DigestIndex
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.release import ReleaseReference


class PinnedFiles:
    """Records in `index`. A file whose size, inode and time stay is not hashed again: packing checks each byte."""

    def __init__(self, index: DigestIndex) -> None:
        self._index = index

    def digest_of(self, path: Path, reference: ReleaseReference) -> Digest:
        """The recorded digest; that of the file where none is recorded, or where the reference names a digest itself.

        Raises InputError, code release-file-changed. OSError where it cannot be read.
        """
        now = self._digest_now(path)
        known = self._index.find_entry(f"pinned {path}")
        if known is None or reference.digest:
            self._index.save_entry(f"pinned {path}", now, 0)
        elif known.digest != now:
            raise InputError(
                "release-file-changed",
                f"The file of release '{reference.name}/{reference.version}' is another one than before.",
                why=f"{path} had {known.digest} when it was first read, and has {now}.",
                fix="Restore the file, or give the new one another version. To accept it, write its digest as `sha1` "
                "of the release in the manifest.",
                where=reference.where,
            )
        return now

    def _digest_now(self, path: Path) -> Digest:
        status = path.stat()
        key = f"hashed {path} {status.st_ino} {status.st_size} {status.st_mtime_ns}"
        known = self._index.find_entry(key)
        if known:
            return Digest(known.digest)
        with path.open("rb") as stream:
            found = digests.hash_stream(stream)
        self._index.save_entry(key, found, status.st_size)
        return found
