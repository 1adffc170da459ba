"""Releases brought into the home: from a directory, a tarball, a URL, a git repository, a final version.

Takes references, gives whole, checked tarballs in the blobstore, for a record to name.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from cpi.contract.value_classes import dataclass
from director.edge.downloads import downloads
from director.edge.machine import regular_files
from director.edge.machine.exclusive_work import ExclusiveWork
from director.edge.releases import tarball_members
from director.edge.releases.fetch import Fetcher, Refusals
from director.edge.releases.final_versions import FinalReading, FinalVersions
from director.edge.releases.git_program import GitProgram
from director.edge.releases.registrations import Registration, Registrations
from director.edge.releases.release_packer import ReleasePacker
from director.edge.releases.release_references import (
    check_name_and_version,
    is_remote,
    local_path,
    package_missing,
    release_missing,
)
from director.edge.releases.release_tarball import TarballReader
from director.edge.releases.releases import LocalReleases, ReleaseReading, member_path
from director.edge.releases.tarball_members import MANIFEST
from director.errors import InputError, StateError, raise_all
from director.model.ids import Digest
from director.model.releases.multi_digest import read_multi_digest
from director.model.releases.packed_release import (
    Commit,
    DirectoryRelease,
    FinalVersion,
    PackedRelease,
    TakenRelease,
)
from director.model.releases.release import ReleaseReference
from director.model.releases.release_files import ArchivedRelease
from director.model.releases.uploaded_release import UploadedRelease
from director.ports.blobstore import Blobstore
from director.ports.release_records import ReleaseRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadReading:
    """The pure functions that say what files of releases mean, and how they are written."""

    releases: ReleaseReading
    write_manifest: Callable[[PackedRelease], bytes]
    finals: FinalReading


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadParts:
    """What uploads are made with, beside the blobstore."""

    shelf: LocalReleases
    records: ReleaseRecords
    fetcher: Fetcher
    git: GitProgram


class LocalUploads:
    """Implements ports.release_uploads.ReleaseUploads. `home` holds its locks and workspaces."""

    def __init__(self, home: Path, blobstore: Blobstore, *, parts: UploadParts, reading: UploadReading) -> None:
        self._blobstore = blobstore
        self._parts = parts
        self._reading = reading
        self._exclusive = ExclusiveWork(home)
        self._registrations = Registrations(home, blobstore, parts.records)
        self._finals = FinalVersions(blobstore=blobstore, fetcher=parts.fetcher, reading=reading.finals)
        self._packer = ReleasePacker(parts.shelf, blobstore, reading.write_manifest)

    def read_directory(self, reference: ReleaseReference) -> DirectoryRelease | None:
        if is_remote(reference):
            return None
        read = self._parts.shelf.draft_directory(reference)
        if read is None:
            return None
        release = read.draft.release
        final, dev = (
            self._reading.finals.listed_versions(read.tree, f"{root}/{release.name}/index.yml")
            for root in ("releases", "dev_releases")
        )
        return DirectoryRelease(release=release, final=final, dev=dev)

    @contextmanager
    def take(self, reference: ReleaseReference, *, version: str = "") -> Iterator[TakenRelease]:
        with self._registrations.registering() as registration:
            digest = self._store(reference, version, registration)
            registration.wait()
            if not self._blobstore.has_blob(digest):
                raise _overtaken(reference)
            yield self._look_through(replace(reference, version=version or reference.version), digest, registration)

    @contextmanager
    def clone(self, url: str) -> Iterator[str]:
        with self._exclusive.working_on(f"clone {url}") as workspace:
            self._parts.git.clone(url, workspace)
            yield str(workspace)

    def list_finals(self, directory: str) -> tuple[FinalVersion, ...]:
        return self._finals.list_finals(Path(directory))

    @contextmanager
    def dropping(self, releases: Iterable[UploadedRelease]) -> Iterator[None]:
        with self._registrations.locked():
            for release in releases:
                for digest in (release.digest, release.outline):
                    self._registrations.note(digest)
            yield

    def _store(self, reference: ReleaseReference, version: str, registration: Registration) -> Digest:
        if is_remote(reference):
            return self._parts.fetcher.store_url(reference, _refusals(reference), registration.announce)
        path = local_path(reference)
        if path.is_dir():
            stream = self._packed(reference, path, version)
        elif path.suffix in (".yml", ".yaml"):
            stream = self._finals.open_tarball(path, reference.where)
        else:
            return self._store_file(reference, path, registration)
        with stream:
            return self._blobstore.put_blob(stream, announce=registration.announce)

    def _packed(self, reference: ReleaseReference, path: Path, version: str) -> BinaryIO:
        read = self._parts.shelf.draft_directory(reference)
        assert read is not None, "it was a directory"
        return self._packer.pack(read, reference, version=version, commit=self._parts.git.commit_of(path))

    def _store_file(self, reference: ReleaseReference, path: Path, registration: Registration) -> Digest:
        try:
            stream = regular_files.open_file(path)
        except OSError as error:
            raise release_missing(reference, f"{path}: {error.strerror}") from error
        with stream:
            return _refusals(reference).put(self._blobstore, stream, announce=registration.announce)

    def _look_through(self, reference: ReleaseReference, digest: Digest, registration: Registration) -> TakenRelease:
        """Read everything, and keep apart what planning needs."""
        reader = TarballReader(_title(reference), reference.where)
        with self._blobstore.open_blob(digest) as stream:
            files, packed = reader.read_files(stream)
            size = stream.seek(0, os.SEEK_END)
        archived = self._reading.releases.read_archive(files)
        reader.check_jobs(packed, archived.digests)
        with self._blobstore.open_blob(digest) as stream:
            found = reader.check_packages(stream, archived.digests)
        raise_all(_package_problems(reference, archived, found))
        check_name_and_version(reference, archived.release)
        jobs = {path: data for path, data in packed.items() if path in archived.digests}
        with tarball_members.joined(self._blobstore, {MANIFEST: files.manifest, **jobs}, {}) as stream:
            outline = self._blobstore.put_blob(stream, announce=registration.announce)
        commit = Commit(hash=archived.commit_hash, has_changes=archived.has_uncommitted_changes)
        return TakenRelease(release=archived.release, digest=digest, outline=outline, size=size, commit=commit)


def _package_problems(
    reference: ReleaseReference, archived: ArchivedRelease, found: Mapping[str, InputError | None]
) -> Iterator[InputError]:
    for package in archived.release.packages:
        path = member_path(archived, package.name)
        if path not in found:
            yield package_missing(package.name, _title(reference), reference.where)
        elif problem := found[path]:
            yield problem


def _title(reference: ReleaseReference) -> str:
    """What messages call it: where it comes from, without credentials."""
    return downloads.shown(reference.url) if is_remote(reference) else str(local_path(reference))


def _refusals(reference: ReleaseReference) -> Refusals:
    expected = read_multi_digest(reference.digest, reference.where)[0] if reference.digest else None
    return Refusals(f"'{_title(reference)}'", expected, reference.where)


def _overtaken(reference: ReleaseReference) -> StateError:
    return StateError(
        "upload-overtaken",
        f"'{_title(reference)}' was removed from the blobstore while it was uploaded.",
        why="Another upload of the same file failed, or the release was deleted, at that moment.",
        fix="Run the command again.",
    )
