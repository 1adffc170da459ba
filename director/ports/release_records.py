"""Records of the releases that were uploaded. They belong to the home, not to one environment.

Takes and gives values of director.model.releases.uploaded_release.
"""

from typing import Protocol

from director.model.releases.uploaded_release import UploadedRelease


class ReleaseRecords(Protocol):
    """Safe to call from many threads and processes. Each method returns once what it wrote is on disk."""

    def list_releases(self) -> tuple[UploadedRelease, ...]:
        """All of the home, by name, version (as text) and the stemcell they were compiled for."""

    def save_release(self, release: UploadedRelease) -> None:
        """Write the record whole; one of the same name, version and stemcell is replaced."""

    def delete_release(self, release: UploadedRelease) -> None:
        """After: there is no record of that name, version and stemcell. Twice is once."""
