"""A ReleaseSource in memory: every package's source is its own name."""

import io
from collections.abc import Iterable, Mapping

from cpi.contract.errors import ExplainedError
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.release import DirectoryFile, PackageSource, Release, ReleaseBlob, ReleaseReference
from director.ports.blobstore import Blobstore


class MemoryReleases:
    """Implements ReleaseSource."""

    def __init__(self, blobs: Blobstore, releases: tuple[Release, ...] = ()) -> None:
        self._blobs = blobs
        self._releases = {(release.name, release.version): release for release in releases}

    def load_release(self, reference: ReleaseReference) -> Release:
        key = (reference.name, reference.version)
        if key not in self._releases:
            raise InputError("release-missing", f"There is no release {reference.name}/{reference.version}.")
        return self._releases[key]

    def pinned_digest(self, reference: ReleaseReference) -> str:
        return f"sha256:{'a' * 64}"

    def fetch_file(self, reference: ReleaseReference, what: str) -> Digest:
        raise InputError("release-unavailable", f"{what} could not be downloaded.")

    def list_files(self, reference: ReleaseReference) -> tuple[DirectoryFile, ...]:
        return ()

    def list_blobs(self, reference: ReleaseReference) -> tuple[ReleaseBlob, ...]:
        return ()

    def fetch_blobs(self, reference: ReleaseReference) -> Mapping[str, Digest]:
        return {}

    def package_problems(self, sources: Iterable[PackageSource]) -> tuple[ExplainedError, ...]:
        return ()

    def pack_package(self, source: PackageSource) -> Digest:
        return self._blobs.put_blob(io.BytesIO(f"{source.package} {source.fingerprint}".encode()))
