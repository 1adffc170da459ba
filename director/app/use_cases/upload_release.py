"""The use case `upload-release`: a release brought into the home, from wherever it is.

Takes a ReleaseHome and a request, gives the record and whether it is new.
"""

from collections.abc import Callable
from dataclasses import replace

from cpi.contract.value_classes import dataclass
from director.app.sessions.release_home import ReleaseHome
from director.errors import InputError
from director.model.releases import release_versions
from director.model.releases.packed_release import DirectoryRelease, FinalVersion, TakenRelease
from director.model.releases.release import ReleaseReference
from director.model.releases.uploaded_release import UploadedRelease, content_of, stemcell_of
from director.report import release_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadRequest:
    """`place` is a directory, a tarball, a final version's manifest, https:// or git+https://.

    `name` and `version` say what it must be; a directory is given the version. `digest` is a multi-digest. `base` is
    the folder that a relative path is meant from.
    """

    place: str
    base: str
    name: str = ""
    version: str = ""
    digest: str = ""
    is_fixing: bool = False
    is_rebasing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """`is_new` is False where the release had been uploaded before; `is_fixed` says that its tarball was replaced."""

    release: UploadedRelease
    is_new: bool
    is_fixed: bool = False


def upload_release(home: ReleaseHome, request: UploadRequest) -> Upload:
    """Upload it, unless it is there. Raises InputError: release-differs, and what reading a release raises."""
    known = _find_named(home, request)
    if known and not request.is_fixing and not request.is_rebasing:
        return Upload(release=known, is_new=False)
    url = _git_url(request.place)
    if url is None:
        return _upload(home, request, _reference(request))
    with home.uploads.clone(url) as folder:
        cloned = replace(request, place=folder, base="")
        final = _choose_final(home.uploads.list_finals(folder), request)
        reference = replace(_reference(cloned), url=final.path if final else folder)
        return _upload(home, replace(request, version=final.version if final else request.version), reference)


def _upload(home: ReleaseHome, request: UploadRequest, reference: ReleaseReference) -> Upload:
    directory = home.uploads.read_directory(replace(reference, version="create"))
    if directory is None:
        return _register(home, request, reference)
    known = _find_content(home, request, directory)
    if known and not request.is_fixing:
        return Upload(release=known, is_new=False)
    version = known.version if known else request.version or _dev_version(home, directory)
    return _register(home, request, replace(reference, version="create"), version=version)


def _register(home: ReleaseHome, request: UploadRequest, reference: ReleaseReference, *, version: str = "") -> Upload:
    with home.uploads.take(reference, version=version) as taken:
        record = _record(home, request, taken)
        known = _find(home, lambda release: release.identity == record.identity)
        if known and known.content != record.content:
            raise _differs(known, reference.where)
        if known and not request.is_fixing:
            return Upload(release=known, is_new=False)
        home.records.save_release(record)
        return Upload(release=record, is_new=known is None, is_fixed=known is not None)


def _record(home: ReleaseHome, request: UploadRequest, taken: TakenRelease) -> UploadedRelease:
    release = taken.release
    version = release.version
    if request.is_rebasing:
        known = [each.version for each in home.records.list_releases() if each.name == release.name]
        version = release_versions.next_dev_version(version, known)
    return UploadedRelease(
        name=release.name,
        version=version,
        digest=taken.digest,
        outline=taken.outline,
        size=taken.size,
        content=content_of(release),
        compiled_for=stemcell_of(release),
        commit_hash=taken.commit.hash,
        has_uncommitted_changes=taken.commit.has_changes,
        origin=release_rows.shown_place(request.place),
        uploaded_at=home.clock.now(),
    )


def _find(home: ReleaseHome, is_meant: Callable[[UploadedRelease], bool]) -> UploadedRelease | None:
    return next((release for release in home.records.list_releases() if is_meant(release)), None)


def _find_named(home: ReleaseHome, request: UploadRequest) -> UploadedRelease | None:
    """As BOSH's command does: with --name and --version nothing is read of what is there."""
    if not request.name or not request.version:
        return None
    return _find(home, lambda release: (release.name, release.version) == (request.name, request.version))


def _find_content(home: ReleaseHome, request: UploadRequest, directory: DirectoryRelease) -> UploadedRelease | None:
    """The same content under the wanted version, or under any without one."""
    content, name = content_of(directory.release), request.name or directory.release.name
    named = [release for release in home.records.list_releases() if release.name == name]
    same = [release for release in named if release.content == content]
    if request.version:
        wanted = [release for release in named if release.version == request.version and not release.compiled_for]
        if wanted and wanted[0] not in same:
            raise _differs(wanted[0], "")
        return wanted[0] if wanted else None
    return max(same, key=lambda release: release_versions.version_key(release.version), default=None)


def _dev_version(home: ReleaseHome, directory: DirectoryRelease) -> str:
    name = directory.release.name
    uploaded = [release.version for release in home.records.list_releases() if release.name == name]
    base = release_versions.newest(directory.final) or "0"
    return release_versions.next_dev_version(base, (*directory.dev, *uploaded))


def _choose_final(finals: tuple[FinalVersion, ...], request: UploadRequest) -> FinalVersion | None:
    """The requested final version, the newest if none is; None where the repository has no final version."""
    named = [final for final in finals if request.name in ("", final.name)]
    wanted = [final for final in named if request.version in ("", final.version)]
    if request.version and not wanted:
        raise InputError(
            "final-release-missing",
            f"The repository has no final version {request.version} of release '{request.name or 'any'}'.",
            why=f"It lists: {', '.join(f'{final.name}/{final.version}' for final in finals) or 'none'}.",
            fix="Correct --name or --version, or leave --version out for the newest.",
        )
    return max(wanted, key=lambda final: release_versions.version_key(final.version), default=None)


def _reference(request: UploadRequest) -> ReleaseReference:
    return ReleaseReference(
        name=request.name, version=request.version, url=request.place or ".", digest=request.digest, base=request.base
    )


def _git_url(place: str) -> str | None:
    """What git is to clone, None where the place is none of git's."""
    if place.startswith("git+"):
        return place.removeprefix("git+")
    return place if place.startswith(("git://", "git@")) else None


def _differs(known: UploadedRelease, where: str) -> InputError:
    return InputError(
        "release-differs",
        f"Release '{known.title}' has already been uploaded with other content.",
        why=f"It was uploaded from {known.origin}, and its jobs or packages have other fingerprints.",
        fix="Give it another version (--version; --rebase makes the next development version), or delete the "
        f"uploaded one: `compleat delete-release {known.title}`.",
        where=where,
    )
