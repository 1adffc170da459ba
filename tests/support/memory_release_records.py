"""Records of uploaded releases in memory."""

from collections.abc import Iterable

from director.model.releases.uploaded_release import UploadedRelease


class MemoryReleaseRecords:
    """Implements ReleaseRecords."""

    def __init__(self, releases: Iterable[UploadedRelease] = ()) -> None:
        self._releases = {release.identity: release for release in releases}

    def list_releases(self) -> tuple[UploadedRelease, ...]:
        return tuple(self._releases[key] for key in sorted(self._releases))

    def save_release(self, release: UploadedRelease) -> None:
        self._releases[release.identity] = release

    def delete_release(self, release: UploadedRelease) -> None:
        self._releases.pop(release.identity, None)
