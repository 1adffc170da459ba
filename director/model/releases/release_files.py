"""The raw files of a release, and what its packages are made of, on the way from disk to a Release.

Takes nothing, gives frozen values. Paths are relative to the release directory and use "/".
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from enum import Enum
from types import MappingProxyType

from cpi.contract.value_classes import dataclass
from director.model.documents import Remark
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.object_stores import ObjectStore
from director.model.releases.release import Release, ReleaseJob, UnusedKey

ARCHITECTURES: Mapping[str, str] = MappingProxyType(
    {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "arm64", "aarch64": "arm64"}
)
"""The words for an architecture that are understood, and the one we use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFile:
    """A file read whole. `permissions` are those of the name itself: 0o777 for a symbolic link that was followed."""

    content: bytes = field(repr=False)
    permissions: int = 0o644


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFile:
    """A file seen and not read. `link` is the text of a symbolic link, None for an ordinary file."""

    permissions: int = 0o644
    link: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseTree:
    """A release directory: `texts` by path ("jobs/web/spec"), and the listings of `src/` and `blobs/`.

    `texts` holds what is below config/, jobs/, packages/, the indices below .final_builds/, releases/ and
    dev_releases/, and .gitmodules.
    """

    origin: str
    texts: Mapping[str, TextFile] = field(default_factory=dict)
    sources: Mapping[str, ListedFile] = field(default_factory=dict)
    blobs: Mapping[str, ListedFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseArchive:
    """A release tarball: release.MF, and each job's own archive as files by path ("job.MF", "templates/run")."""

    origin: str
    manifest: bytes = field(repr=False)
    jobs: Mapping[str, Mapping[str, TextFile]] = field(default_factory=dict)


class BlobProvider(Enum):
    """Where blobs come from. LOCAL and HTTPS take `place` (a directory, a URL) and an object's id below it.

    STORE takes `store`. NONE is where nothing can be fetched: then `place` says why.
    """

    LOCAL = "local"
    HTTPS = "https"
    PYPI = "pypi"
    STORE = "store"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlobPin:
    """A blob as config/blobs.yml pins it. `architecture` is "" where it is for all."""

    path: str
    provider: BlobProvider
    place: str
    object_id: str
    size: int
    digest: SingleDigest
    architecture: str = ""
    where: str = ""
    store: ObjectStore | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagePart:
    """One file of a package: `path` in its archive, `file` in the release directory.

    `digest` is "" until the file was read. `pin` is there for a blob that config/blobs.yml names; `is_missing` says
    that the file is not on disk and must be fetched by its pin.
    """

    path: str
    file: str
    permissions: int = 0o644
    link: str | None = None
    digest: str = ""
    pin: BlobPin | None = None
    is_missing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageDraft:
    """A package before its files are read.

    `fingerprint` is "" unless a spec.lock says it; then `vendored` is where its ready archive comes from.
    """

    name: str
    parts: tuple[PackagePart, ...] = ()
    dependencies: tuple[str, ...] = ()
    is_compressed: bool = True
    fingerprint: str = ""
    vendored: BlobPin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDraft:
    """A release directory understood, except for the content of its packages' files."""

    name: str
    origin: str
    jobs: tuple[ReleaseJob, ...]
    packages: tuple[PackageDraft, ...]
    unused_keys: tuple[UnusedKey, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def unread(self) -> tuple[str, ...]:
        """The files on disk whose digests are still wanted, sorted, each once."""
        return tuple(sorted({part.file for part in self._parts() if not part.digest and not part.is_missing}))

    def unknown_blobs(self) -> tuple[BlobPin, ...]:
        """The blobs that must be fetched before their SHA-256 is known, each once."""
        pins = {part.file: part.pin for part in self._parts() if not part.digest and part.is_missing and part.pin}
        return tuple(pins[file] for file in sorted(pins))

    def absent_blobs(self) -> tuple[BlobPin, ...]:
        """All blobs that are not on disk, vendored packages among them."""
        pins = [part.pin for part in self._parts() if part.is_missing and part.pin]
        return (*pins, *(package.vendored for package in self.packages if package.vendored))

    def _parts(self) -> Iterator[PackagePart]:
        return (part for package in self.packages for part in package.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedRelease:
    """A release of a directory, and its packages with every digest known, ready to be packed."""

    release: Release
    packages: tuple[PackageDraft, ...]

    def package(self, name: str) -> PackageDraft | None:
        """The package called `name`, or None."""
        return next((package for package in self.packages if package.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedRelease:
    """A release of a tarball; `digests` are the multi-digests of its inner archives, by path ("jobs/web.tgz")."""

    release: Release
    digests: Mapping[str, str] = field(default_factory=dict)
    commit_hash: str = ""
    has_uncommitted_changes: bool = False
