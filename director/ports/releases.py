"""Releases: read, and their packages' source archives made.

Takes references, gives values and blobs.
"""

from typing import Protocol

from director.model.ids import Digest
from director.model.releases.release import PackageSource, Release, ReleaseReference


class ReleaseSource(Protocol):
    """Where releases come from. Safe to call from many threads."""

    def load_release(self, reference: ReleaseReference) -> Release:
        """Read a release directory (`version: create`) or tarball; downloads nothing but a release that has a URL.

        Raises InputError: release-missing, release-broken (all its problems), digest-mismatch, archive-truncated,
        archive-escapes, version-mismatch.
        """

    def check_package(self, source: PackageSource) -> None:
        """See whether the package can be packed, as far as it shows before anything is fetched; writes nothing.

        Raises InputError: blob-unavailable, blob-object-id-broken, release-damaged, release-package-missing, and what
        is wrong with its archive.
        """

    def pack_package(self, source: PackageSource) -> Digest:
        """Put the package's source archive into the blobstore, its blobs fetched and checked; twice is once.

        Raises InputError: blob-digest-mismatch, blob-unavailable.
        """
