"""Releases from where a manifest says: a directory, a tarball, a URL.

Takes references, gives a ReleaseSource. What files mean is decided by the functions it is given.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director import errors
from director.edge.blobs import digests
from director.edge.blobs.digest_index import DigestIndex
from director.edge.downloads import pin_downloads
from director.edge.machine import regular_files
from director.edge.machine.exclusive_work import ExclusiveWork
from director.edge.releases import (
    git_releases,
    package_packer,
    release_directory,
    release_references,
)
from director.edge.releases.fetch import Fetcher, FetchSettings, Refusals
from director.edge.releases.final_versions import FinalReading, FinalVersions
from director.edge.releases.git_program import GitProgram
from director.edge.releases.git_releases import GitReleases
from director.edge.releases.package_packer import PackagePacker
from director.edge.releases.pinned_files import PinnedFiles
from director.edge.releases.release_directory import FileDigests
from director.edge.releases.release_tarball import TarballReader
from director.errors import InputError, raise_all
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest, read_multi_digest
from director.model.releases.release import DirectoryFile, PackageSource, Release, ReleaseBlob, ReleaseReference
from director.model.releases.release_files import (
    ARCHITECTURES,
    ArchivedRelease,
    BlobPin,
    DraftedRelease,
    ReleaseArchive,
    ReleaseDraft,
    ReleaseTree,
)
from director.ports.blobstore import Blobstore

_Seen = tuple[str, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseReading:
    """The pure functions that say what files mean."""

    read_tree: Callable[[ReleaseTree, str], ReleaseDraft]
    finish: Callable[[ReleaseDraft, Mapping[str, str]], DraftedRelease]
    read_archive: Callable[[ReleaseArchive], ArchivedRelease]
    finals: FinalReading


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftedDirectory:
    """A release directory as it was read: its small files, and what they mean."""

    tree: ReleaseTree
    draft: DraftedRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tarball:
    """A tarball on disk or in the blobstore; `key` tells it from all others, and from itself once changed.

    `outline` opens what planning reads of it: the whole of it, unless release.MF and the jobs are kept apart.
    """

    name: str
    key: tuple[str, int, int, int]
    open: Callable[[], BinaryIO]
    outline: Callable[[], BinaryIO]


class LocalReleases:
    """A ReleaseSource. `home` holds what it remembers of packed packages and downloads."""

    def __init__(self, home: Path, blobstore: Blobstore, *, reading: ReleaseReading, settings: FetchSettings) -> None:
        self._blobstore = blobstore
        self._reading = reading
        self._environment = settings.pip.environment
        self._fetcher = Fetcher(home, blobstore, settings)
        finals = FinalVersions(blobstore=blobstore, fetcher=self._fetcher, reading=reading.finals)
        self._git = GitReleases(home, finals, GitProgram(settings.pip.environment))
        self._exclusive = ExclusiveWork(home)
        self._packed = DigestIndex(home / "packed", home / "partial")
        self._pinned = PinnedFiles(DigestIndex(home / "known", home / "partial"))
        self._digests = FileDigests()
        self._drafts: dict[Path, DraftedDirectory] = {}
        self._archives: dict[_Seen, ArchivedRelease] = {}
        self._checked: dict[_Seen, Mapping[str, InputError | None]] = {}
        self._checking = threading.Lock()

    def load_release(self, reference: ReleaseReference) -> Release:
        tarball = self._tarball_of(reference)
        if tarball is None:
            return self._load_directory(reference, release_references.local_path(reference)).draft.release
        release = self._load_archive(reference, tarball).release
        return replace(release, version=reference.version) if reference.blob else release

    def pinned_digest(self, reference: ReleaseReference) -> str:
        if reference.blob:
            return ""
        if release_references.is_remote(reference):
            return self._fetcher.known_digest(_download_key(reference))
        path = release_references.local_path(reference)
        try:
            return "" if path.is_dir() else self._pinned.digest_of(path, reference)
        except OSError as error:
            raise release_references.release_missing(reference, f"{path}: {error.strerror}") from error

    def fetch_file(self, reference: ReleaseReference, what: str) -> Digest:
        release_references.require_known_scheme(reference)
        refusals, key = Refusals(what, _expected(reference), reference.where), _download_key(reference)
        if reference.url.startswith(git_releases.SCHEME):
            return self._fetcher.fetch_once(key, refusals, lambda pinned: self._git.store_final(reference, pinned))
        return self._fetcher.fetch_url(reference, key, refusals)

    def list_files(self, reference: ReleaseReference) -> tuple[DirectoryFile, ...]:
        tree = self._load_directory(reference, release_references.local_path(reference)).tree
        return release_directory.listed_files(tree)

    def list_blobs(self, reference: ReleaseReference) -> tuple[ReleaseBlob, ...]:
        path = release_references.local_path(reference)
        if not path.is_dir():
            return ()
        missing = self._missing_pins(reference, path)
        return tuple(
            ReleaseBlob(
                path=pin.path,
                size=pin.size,
                digest=str(pin.digest),
                place=pin_downloads.place_of(pin),
                is_here=self._fetcher.has_pin(pin),
                is_build=pin.path == pin.object_id,
            )
            for pin in missing
        )

    def fetch_blobs(self, reference: ReleaseReference) -> Mapping[str, Digest]:
        path = release_references.local_path(reference)
        return self._fetcher.fetch_pins(self._missing_pins(reference, path), path)

    def _missing_pins(self, reference: ReleaseReference, path: Path) -> list[BlobPin]:
        """What the directory lacks of its packages, for every architecture."""
        packages = self._load_directory(reference, path).draft.packages
        return list({pin.path: pin for each in packages for pin in package_packer.missing_pins(each, "")}.values())

    def draft_directory(self, reference: ReleaseReference) -> DraftedDirectory | None:
        """Read the release directory that the reference leads to; None where it leads to no directory.

        Raises what load_release raises.
        """
        path = release_references.local_path(reference)
        return self._load_directory(reference, path) if path.is_dir() else None

    def pack_package(self, source: PackageSource) -> Digest:
        architecture = ARCHITECTURES.get(source.architecture, source.architecture)
        key = f"{source.fingerprint} {architecture}"
        found = self._find_packed(key)
        if found:
            return found
        with self._exclusive.working_on(f"pack {key}") as workspace:
            found = self._find_packed(key)
            if found:
                return found
            digest = self._pack(source, architecture, workspace)
            self._packed.save_entry(key, digest, 0)
            return digest

    def package_problems(self, sources: Iterable[PackageSource]) -> tuple[ExplainedError, ...]:
        problems: list[ExplainedError] = []
        pins: dict[Path, list[BlobPin]] = {}
        for source in sources:
            try:
                for path, pin in self._pins_to_fetch(source):
                    pins.setdefault(path, []).append(pin)
            except InputError as error:
                problems.extend(errors.each_problem(error))
        found = [problem for path, wanted in pins.items() for problem in self._fetcher.pin_problems(wanted, path)]
        return (*problems, *found)

    def _pins_to_fetch(self, source: PackageSource) -> Iterator[tuple[Path, BlobPin]]:
        """The blobs that packing the package will fetch, with the release directory; a tarball is looked through."""
        architecture = ARCHITECTURES.get(source.architecture, source.architecture)
        if self._find_packed(f"{source.fingerprint} {architecture}"):
            return
        tarball = self._tarball_of(source.reference)
        if tarball is not None:
            self._check_archived(tarball, source)
            return
        path = release_references.local_path(source.reference)
        package = self._draft_of(path, source).package(source.package)
        for pin in package_packer.missing_pins(package, architecture) if package else []:
            yield path, pin

    def _check_archived(self, tarball: _Tarball, source: PackageSource) -> None:
        """Look at all packages' archives at once, as the tarball can only be read from its start."""
        archived = self._load_archive(source.reference, tarball)
        path = member_path(archived, source.package)
        if source.reference.blob or self._find_packed(f"{tarball.key} {path}"):
            return  # an uploaded tarball was looked through when it was uploaded
        with self._checking:
            if tarball.key not in self._checked:
                reader = TarballReader(tarball.name, source.reference.where)
                with tarball.open() as stream:
                    self._checked[tarball.key] = reader.check_packages(stream, archived.digests)
        found = self._checked[tarball.key]
        problem = (
            found[path]
            if path in found
            else release_references.package_missing(source.package, tarball.name, source.reference.where)
        )
        if problem:
            raise problem

    def _find_packed(self, key: str) -> Digest | None:
        entry = self._packed.find_entry(key)
        return Digest(entry.digest) if entry and self._blobstore.has_blob(Digest(entry.digest)) else None

    def _tarball_of(self, reference: ReleaseReference) -> _Tarball | None:
        """The tarball that the reference leads to, None for a directory."""
        if reference.blob:
            return self._uploaded(reference, reference.blob)
        if not reference.url:
            raise release_references.release_missing(reference, "It has no url, and no release was uploaded")
        if release_references.is_remote(reference):
            return self._download(reference)
        path = release_references.local_path(reference)
        return None if path.is_dir() else self._tarball(reference, path)

    def _load_directory(self, reference: ReleaseReference, path: Path) -> DraftedDirectory:
        if reference.version not in ("create", ""):
            raise release_references.version_mismatch(
                reference, "create", "A release directory has no version of its own"
            )
        if not any((path / name).is_dir() for name in ("config", "jobs", "packages")):
            raise release_references.release_missing(reference, f"{path} has none of config/, jobs/, packages/")
        tree = release_directory.read_tree(path, reference.where)
        draft = self._reading.read_tree(tree, reference.name)
        found = {
            **self._digests.digest_files(path, draft.unread(), reference.where),
            **self._fetch_unknown(draft, path),
        }
        self._drafts[path] = DraftedDirectory(tree=tree, draft=self._reading.finish(draft, found))
        return self._drafts[path]

    def _fetch_unknown(self, draft: ReleaseDraft, path: Path) -> dict[str, str]:
        """Fetch the blobs that have only a SHA-1: a fingerprint is made of SHA-256s. One failure reports all blobs."""
        unknown = draft.unknown_blobs()
        try:
            fetched = self._fetcher.fetch_pins(unknown, path)
        except InputError as error:
            fetching = {problem.where: problem for problem in errors.each_problem(error)}
            rest = [pin for pin in draft.absent_blobs() if pin.where not in fetching]
            raise_all((*fetching.values(), *self._fetcher.pin_problems(rest, path)))
        return {f"blobs/{pin.path}": fetched[pin.path] for pin in unknown}

    def _load_archive(self, reference: ReleaseReference, tarball: _Tarball) -> ArchivedRelease:
        if reference.version == "create":
            raise release_references.version_mismatch(
                reference, "the tarball's", "Only a directory can be created from"
            )
        archived = self._archives.get(tarball.key)
        if not archived:
            reader = TarballReader(tarball.name, reference.where)
            with tarball.outline() as stream:
                files, packed = reader.read_files(stream)
            archived = self._reading.read_archive(files)
            reader.check_jobs(packed, archived.digests)
            self._archives[tarball.key] = archived
        if not reference.blob:
            release_references.check_name_and_version(reference, archived.release)
        return archived

    def _uploaded(self, reference: ReleaseReference, blob: Digest) -> _Tarball:
        opened, outline = (partial(self._blobstore.open_blob, each) for each in (blob, reference.outline or blob))
        name = f"Release {reference.name}/{reference.version}"
        return _Tarball(name=name, key=(blob, 0, 0, 0), open=opened, outline=outline)

    def _tarball(self, reference: ReleaseReference, path: Path) -> _Tarball:
        try:
            status = path.stat()
            if reference.digest:
                with regular_files.open_file(path) as stream:
                    _check_digest(stream, reference)
        except OSError as error:
            raise release_references.release_missing(reference, f"{path}: {error.strerror}") from error
        key = (str(path), status.st_ino, status.st_size, status.st_mtime_ns)
        opened = partial(_open_file, path)
        return _Tarball(name=str(path), key=key, open=opened, outline=opened)

    def _download(self, reference: ReleaseReference) -> _Tarball:
        name = f"Release {reference.name}/{reference.version}"
        digest = self.fetch_file(reference, name)
        opened = partial(self._blobstore.open_blob, digest)
        return _Tarball(name=name, key=(digest, 0, 0, 0), open=opened, outline=opened)

    def _pack(self, source: PackageSource, architecture: str, workspace: Path) -> Digest:
        tarball = self._tarball_of(source.reference)
        if tarball is not None:
            return self._take_from(tarball, source)
        path = release_references.local_path(source.reference)
        package = self._draft_of(path, source).package(source.package)
        if not package or package.fingerprint != source.fingerprint:
            now = package.fingerprint if package else "gone"
            raise package_packer.changed(source.package, f"Its fingerprint changed from {source.fingerprint} to {now}")
        packer = PackagePacker(path, self._blobstore, fetcher=self._fetcher, environment=self._environment)
        return packer.pack(package, architecture, workspace)

    def _draft_of(self, path: Path, source: PackageSource) -> DraftedRelease:
        """What was read last, if the package is in it as wanted: packing checks each file's digest anyway."""
        read = self._drafts.get(path)
        package = read.draft.package(source.package) if read else None
        if read and package and package.fingerprint == source.fingerprint:
            return read.draft
        return self._load_directory(source.reference, path).draft

    def _take_from(self, tarball: _Tarball, source: PackageSource) -> Digest:
        """Put all packages' archives into the blobstore at once, as the tarball can only be read from its start."""
        archived = self._load_archive(source.reference, tarball)
        path = member_path(archived, source.package)
        reader = TarballReader(tarball.name, source.reference.where)
        with self._exclusive.holding([f"tarball {tarball.key}"]):
            found = self._find_packed(f"{tarball.key} {path}")
            if not found:
                with tarball.open() as stream:
                    stored = reader.store_packages(stream, self._blobstore, archived.digests)
                for name, digest in stored.items():
                    self._packed.save_entry(f"{tarball.key} {name}", digest, 0)
                found = stored.get(path)
        if not found:
            raise release_references.package_missing(source.package, tarball.name, source.reference.where)
        with self._blobstore.open_blob(found) as stream:
            reader.check_package(path, stream)
        return found


def _expected(reference: ReleaseReference) -> SingleDigest | None:
    return read_multi_digest(reference.digest, reference.where)[0] if reference.digest else None


def _download_key(reference: ReleaseReference) -> str:
    """What the download is known by: its digest, or where it is from."""
    return str(_expected(reference) or f"{reference.url} {reference.version}")


def _check_digest(stream: BinaryIO, reference: ReleaseReference) -> None:
    expected = read_multi_digest(reference.digest, reference.where)[0]
    refusals = Refusals(f"Release {reference.name}/{reference.version}", expected, reference.where)
    checked = digests.checked_stream(stream, expected, refusals.mismatch)
    while checked.read(digests.CHUNK_BYTES):
        pass


def _open_file(path: Path) -> BinaryIO:
    return regular_files.open_file(path)


def member_path(archived: ArchivedRelease, package: str) -> str:
    """The path of the package's archive in its tarball."""
    compiled = f"compiled_packages/{package}.tgz"
    return compiled if compiled in archived.digests else f"packages/{package}.tgz"
