"""Releases brought into the home's blobstore, where a record then names them.

Takes references, gives values of director.model.releases.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from director.model.releases.packed_release import DirectoryRelease, FinalVersion, TakenRelease
from director.model.releases.release import ReleaseReference
from director.model.releases.uploaded_release import UploadedRelease


class ReleaseUploads(Protocol):
    """Safe to call from many threads and processes."""

    def read_directory(self, reference: ReleaseReference) -> DirectoryRelease | None:
        """Read a release directory (`version: create`); None where the reference leads to something else.

        Raises what ReleaseSource.load_release raises of a directory.
        """

    def take(self, reference: ReleaseReference, *, version: str = "") -> AbstractContextManager[TakenRelease]:
        """Put the whole release into the blobstore, checked; a directory is packed as `version`.

        Within it no other process registers or deletes a release. At exit, and after a crash by the next call that
        registers or deletes, what no record names is removed again.
        Raises InputError: what load_release raises and package_problems gives, release-of-architectures,
        final-build-missing, final-release-misplaced.
        """

    def clone(self, url: str) -> AbstractContextManager[str]:
        """Clone a git repository into a folder that is gone afterwards.

        Raises InputError: git-absent, git-clone-failed.
        """

    def list_finals(self, directory: str) -> tuple[FinalVersion, ...]:
        """The final versions that a release directory lists, in its order."""

    def dropping(self, releases: Iterable[UploadedRelease]) -> AbstractContextManager[None]:
        """Delete their records within; at exit, or after a crash, the blobs that no record names any more are gone."""
