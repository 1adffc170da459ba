"""Blobs on their way to a record: noted before they are there, and gone when no record names them.

Takes digests, gives nothing. Killed at any instant, the next registration or deletion removes what was left.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from director.edge.machine import atomic_files
from director.edge.machine.exclusive_work import ExclusiveWork
from director.model.ids import Digest
from director.ports.blobstore import Blobstore
from director.ports.release_records import ReleaseRecords

_LOCK = "registering releases"


class Registrations:
    """Notes are files below `home`, named by the blob's digest. One registration at a time has the lock."""

    def __init__(self, home: Path, blobstore: Blobstore, records: ReleaseRecords) -> None:
        self._notes = home / "registering"
        self._exclusive = ExclusiveWork(home)
        self._blobstore = blobstore
        self._records = records

    @contextmanager
    def registering(self) -> Iterator["Registration"]:
        """What is announced and named by no record at the end is removed, whatever happened."""
        with ExitStack() as held:
            yield Registration(self, held)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the one that registers; at the end no note is left, and no noted blob without a record."""
        with self._exclusive.holding([_LOCK]):
            try:
                yield
            finally:
                self._sweep()

    def note(self, digest: Digest) -> None:
        """Write down that the blob needs a record, or goes."""
        atomic_files.create_file(self._notes / digest.replace(":", "-"), b"")

    def _sweep(self) -> None:
        if not self._notes.is_dir():
            return
        named = {digest for release in self._records.list_releases() for digest in (release.digest, release.outline)}
        for note in self._notes.iterdir():
            digest = Digest(note.name.replace("-", ":"))
            if note.suffix or digest in named:  # a suffix is what a killed writer of a note left
                note.unlink(missing_ok=True)
                continue
            self._blobstore.delete_blob(digest)
            note.unlink(missing_ok=True)


class Registration:
    """One of them. It waits for its turn when the first blob is ready, so that downloads run in parallel."""

    def __init__(self, owner: Registrations, held: ExitStack) -> None:
        self._owner = owner
        self._held = held
        self._has_lock = False

    def announce(self, digest: Digest) -> None:
        """The blob is about to be there."""
        self.wait()
        self._owner.note(digest)

    def wait(self) -> None:
        """Wait for the turn, once."""
        if not self._has_lock:
            self._held.enter_context(self._owner.locked())
            self._has_lock = True
