"""A release on its way into a tarball, and what comes out of one.

Takes nothing, gives frozen values.
"""

from collections.abc import Mapping
from dataclasses import field

from cpi.contract.value_classes import dataclass
from director.model.ids import Digest
from director.model.releases.release import Release
from director.model.releases.release_files import BlobPin


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """Where a release was built: BOSH's `commit_hash` ("non-git" outside git, "empty" without commits)."""

    hash: str = "non-git"
    has_changes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedRelease:
    """What release.MF says. `digests` are those of the inner archives, by path ("jobs/web.tgz")."""

    release: Release
    version: str
    commit: Commit
    digests: Mapping[str, Digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalRelease:
    """A final version of a release directory: its manifest, which becomes release.MF, and where its archives are.

    `pins` are by path in the tarball ("jobs/web.tgz").
    """

    manifest: bytes = field(repr=False)
    pins: Mapping[str, BlobPin]


@dataclass(frozen=True, slots=True, kw_only=True)
class FinalVersion:
    """A final version that a release directory lists; `path` is that of its manifest."""

    name: str
    version: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryRelease:
    """A release directory as it is now. `final` and `dev` are the versions that the directory itself lists."""

    release: Release
    final: tuple[str, ...] = ()
    dev: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRelease:
    """A whole release tarball in the blobstore, every archive in it checked.

    `digest` is the tarball's; `outline` is a small tarball of release.MF and the jobs, all that planning reads.
    """

    release: Release
    digest: Digest
    outline: Digest
    size: int
    commit: Commit
