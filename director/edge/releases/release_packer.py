"""A release directory packed into a release tarball, as `create-release --force` makes it.

Takes what was read of the directory, gives a stream that is made while it is read.
"""

import io
from collections.abc import Callable, Iterable, Mapping

from director.edge.blobs import digests
from director.edge.releases import packing, tarball_members
from director.edge.releases.releases import DraftedDirectory, LocalReleases
from director.errors import InputError, raise_all
from director.model.releases.packed_release import Commit, PackedRelease
from director.model.releases.release import PackageSource, ReleaseReference
from director.model.releases.release_files import DraftedRelease, ReleaseTree, TextFile
from director.ports.blobstore import Blobstore

_JOB_FILES = {"spec": "job.MF", "monit": "monit", "properties_schema.json": "properties_schema.json"}


class ReleasePacker:
    """Packs directories that the shelf reads. `write_manifest` says what release.MF looks like."""

    def __init__(
        self, shelf: LocalReleases, blobstore: Blobstore, write_manifest: Callable[[PackedRelease], bytes]
    ) -> None:
        self._shelf = shelf
        self._blobstore = blobstore
        self._write_manifest = write_manifest

    def pack(
        self, read: DraftedDirectory, reference: ReleaseReference, *, version: str, commit: Commit
    ) -> io.BufferedReader:
        """Pack each package (or take it as it was packed before), then give the tarball.

        Raises InputError: release-of-architectures, and what pack_package raises.
        """
        raise_all(_architecture_problems(read.draft))
        release = read.draft.release
        jobs = {f"jobs/{job.name}.tgz": _pack_job(read.tree, job.name) for job in release.jobs}
        packages = {
            f"packages/{package.name}.tgz": self._shelf.pack_package(
                PackageSource(
                    reference=reference, package=package.name, fingerprint=package.fingerprint, architecture=""
                )
            )
            for package in release.packages
        }
        known = {**{path: digests.hash_stream(io.BytesIO(data)) for path, data in jobs.items()}, **packages}
        packed = PackedRelease(release=release, version=version, commit=commit, digests=known)
        return tarball_members.joined(
            self._blobstore, {tarball_members.MANIFEST: self._write_manifest(packed), **jobs}, packages
        )


def _pack_job(tree: ReleaseTree, name: str) -> bytes:
    """A job's archive: its spec under the name that it has there, its monit file, its templates."""
    prefix = f"jobs/{name}/"
    files = {path.removeprefix(prefix): file for path, file in tree.texts.items() if path.startswith(prefix)}
    entries = [
        tarball_members.file_entry(target, file.content, file.permissions) for target, file in _job_members(files)
    ]
    with packing.packed_stream(entries, is_compressed=True) as stream:
        return stream.read()


def _job_members(files: Mapping[str, TextFile]) -> Iterable[tuple[str, TextFile]]:
    for path, file in files.items():
        if path in _JOB_FILES:
            yield _JOB_FILES[path], file
        elif path.startswith("templates/"):
            yield path, file


def _architecture_problems(draft: DraftedRelease) -> Iterable[InputError]:
    """A tarball has one archive for each package, whatever the VM's architecture."""
    for package in draft.packages:
        if any(part.pin and part.pin.architecture for part in package.parts):
            yield InputError(
                "release-of-architectures",
                f"Package '{package.name}' has blobs for single architectures, which a release tarball cannot hold.",
                why="A tarball has one archive for each package; config/blobs.yml sets `architecture` for some blobs.",
                fix="Deploy it from its directory: `url: file://DIRECTORY` with `version: create` in the manifest.",
                where=draft.release.origin,
            )
