"""What is known about blobs by name: a small file an entry, each guarded by its own digest.

Takes a folder, gives digests by key. Processes may share the folder: entries appear whole, and a torn one is none.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict, ValidationError

from director.edge.machine import atomic_files
from director.model.ids import Digest


class IndexEntry(BaseModel):
    """One remembered blob. `check` is the SHA-256 over the other fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key: str
    digest: str
    size: int
    check: str


class DigestIndex:
    """Entries below `folder`, written by way of `partial` (on the same file system)."""

    def __init__(self, folder: Path, partial: Path) -> None:
        self._folder = folder
        self._partial = partial

    def find_entry(self, key: str) -> IndexEntry | None:
        """The entry saved last for the key; None if there is none or it is damaged.

        Raises StateError: storage-denied.
        """
        entry = _read(self._path(key))
        return entry if entry and entry.key == key else None

    def list_entries(self) -> Iterator[IndexEntry]:
        """All that are whole, in no order. Raises StateError: storage-denied."""
        try:
            paths = list(self._folder.glob("*/*.json"))
        except OSError as error:
            raise atomic_files.storage_error(self._folder, error) from error
        yield from filter(None, map(_read, paths))

    def delete_entry(self, key: str) -> None:
        """After: there is none for the key. Raises StateError: storage-denied."""
        path = self._path(key)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise atomic_files.storage_error(path, error) from error

    def save_entry(self, key: str, digest: Digest, size: int) -> None:
        """Remember the blob under the key; the last one to save wins. Raises StateError: disk-full."""
        entry = IndexEntry(key=key, digest=digest, size=size, check=_check(key, digest, size))

        def fill(stream: BinaryIO) -> Path:
            stream.write(entry.model_dump_json().encode())
            return self._path(key)

        atomic_files.write_atomically(self._partial, fill)

    def _path(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / f"{name[2:]}.json"


def _read(path: Path) -> IndexEntry | None:
    try:
        entry = IndexEntry.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    except OSError as error:
        raise atomic_files.storage_error(path, error) from error
    return entry if entry.check == _check(entry.key, entry.digest, entry.size) else None


def _check(key: str, digest: str, size: int) -> str:
    return hashlib.sha256(f"{key}\0{digest}\0{size}".encode()).hexdigest()
