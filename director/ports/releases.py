"""Releases: read, and their packages' source archives made.

Takes references, gives values and blobs.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from cpi.contract.errors import ExplainedError
from director.model.ids import Digest
from director.model.releases.release import DirectoryFile, PackageSource, Release, ReleaseBlob, ReleaseReference


class ReleaseSource(Protocol):
    """Where releases come from. Safe to call from many threads."""

    def load_release(self, reference: ReleaseReference) -> Release:
        """Read a release directory (`version: create`) or tarball.

        Downloads a release that has a URL, and blobs whose SHA-256 is not known.
        Raises InputError: blob-unavailable, blob-digest-mismatch, release-missing, release-broken (all its problems),
        digest-mismatch, archive-truncated, archive-escapes, version-mismatch.
        """

    def pinned_digest(self, reference: ReleaseReference) -> str:
        """The digest with which the release's file is checked from now on; "" for a directory or an uploaded release.

        It is that of the first download, or the one that a tarball on disk had when it was first asked for.
        Raises InputError: release-file-changed, release-missing.
        """

    def fetch_file(self, reference: ReleaseReference, what: str) -> Digest:
        """Ensure that the blobstore has the file at the reference's address, with the reference's digest.

        `what` is what messages call it. The file is not read: it may be of any kind. Twice is once.
        Raises InputError: release-unavailable, release-url-unknown, digest-mismatch.
        """

    def list_files(self, reference: ReleaseReference) -> tuple[DirectoryFile, ...]:
        """What a release directory has of its release, without credentials. Raises what load_release raises of it."""

    def list_blobs(self, reference: ReleaseReference) -> tuple[ReleaseBlob, ...]:
        """What packing all packages of a release directory would fetch, for every architecture; none of a tarball.

        Raises what load_release raises of a directory.
        """

    def fetch_blobs(self, reference: ReleaseReference) -> Mapping[str, Digest]:
        """Put these into the blobstore; gives their digests by path. Raises InputError: blob-unavailable,
        blob-digest-mismatch, pip-absent, blob-object-id-broken.
        """

    def package_problems(self, sources: Iterable[PackageSource]) -> tuple[ExplainedError, ...]:
        """What keeps the packages from being packed: their blobs are looked for where they would be fetched from.

        All of it at once, and nothing is written: blob-unavailable, blob-object-id-broken, release-damaged,
        release-package-missing, and what is wrong with an archive.
        """

    def pack_package(self, source: PackageSource) -> Digest:
        """Put the package's source archive into the blobstore, its blobs fetched and checked; twice is once.

        Raises InputError: blob-digest-mismatch, blob-unavailable.
        """
