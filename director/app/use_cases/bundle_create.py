"""The use case `bundle create`: a bundle with all its releases as one signed file.

Takes a Session, the SignedBundles port and a request, gives what was written.
"""

import io
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePath
from typing import BinaryIO

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director import errors
from director.app.sessions import reading, release_addresses, source_documents
from director.app.sessions.session import Session
from director.app.use_cases import bundle_downloads, bundle_files, bundle_stemcells
from director.errors import InputError, raise_all
from director.model.documents import WrittenDocument
from director.model.ids import Digest
from director.model.releases import release_versions
from director.model.releases.bundle_file import FOLDER, MIRROR, BundleMember, SignedBundle
from director.model.releases.release import ReleaseReference
from director.model.written.bundle import Bundle
from director.ports.signed_bundles import SignedBundles
from director.resolve import bundle_documents
from director.resolve.releases import uploaded


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRequest:
    """`bundle` is a folder with an index.yml, or the name of one that ships with us; `key` is a file."""

    bundle: str
    output: str
    key: str


def create_bundle(session: Session, writer: SignedBundles, request: CreateRequest) -> SignedBundle:
    """Fetch what is missing of its releases, and write the file.

    Raises InputError and Problems: bundle-file-outside, bundle-file-linked, bundle-release-open,
    bundle-release-vendored, and what reading bundles and releases, and SignedBundles.write raise.
    """
    folder = bundle_files.folder_of(session, request.bundle)
    index, requested = bundle_files.read_bundle(session, request.bundle, {})
    members: dict[str, BundleMember] = {}
    problems: list[ExplainedError] = []
    for path in dict.fromkeys(("index.yml", *bundle_documents.named_documents(index))):
        _collect(members, problems, partial(_document, session, index, path, folder=folder))
    for number in range(len(index.document.stemcells)):
        _collect(members, problems, partial(_stemcell, session, index, number, folder=folder))
    for reference in bundle_downloads.named_references(session, requested):
        _collect(members, problems, partial(_release, session, folder, reference))
    raise_all(problems)
    return writer.write(request.output, index.document.name, members.values(), key=request.key)


def _collect(
    members: dict[str, BundleMember], problems: list[ExplainedError], read: Callable[[], Iterator[BundleMember]]
) -> None:
    try:
        members.update({member.path: member for member in read()})
    except InputError as error:
        problems.extend(errors.each_problem(error))


def _document(session: Session, index: WrittenDocument[Bundle], path: str, *, folder: str) -> Iterator[BundleMember]:
    """A document beside the index, or one of a source, which goes where a mirror directory has it."""
    content = source_documents.read_document(session, index, path, folder=folder).content
    file = source_documents.find_file(index, path, folder=folder)
    member = f"{MIRROR}/{file.mirrored}" if file else _inside(folder, path)
    yield BundleMember(path=member, open=lambda: io.BytesIO(content))


def _inside(folder: str, path: str, where: str = "") -> str:
    """The path in the bundle's file of one from the index."""
    inner = os.path.relpath(os.path.join(folder, path), folder)  # no link is followed
    if inner.startswith(".."):
        raise InputError(
            "bundle-file-outside",
            f"'{path}' is outside the bundle's folder.",
            why=f"The folder is {folder}; one file can hold only what is below it.",
            fix="Move it below the folder, or upload the release and name it by version.",
            where=where,
        )
    return f"{FOLDER}/{PurePath(inner).as_posix()}"


def _release(session: Session, folder: str, reference: ReleaseReference) -> Iterator[BundleMember]:
    records = session.world.release_records.list_releases()
    chosen = uploaded.choose_uploaded(reference, records, ()) or reference
    if reference.version == "create":
        yield from _directory(session, folder, reference)
        return
    if release_versions.is_pattern(reference.version):
        raise InputError(
            "bundle-release-open",
            f"Release '{reference.name}' has no exact version.",
            why=f"'{reference.version}' may mean another release where the bundle is applied.",
            fix="Name an exact version.",
            where=reference.where,
        )
    found = reading.load_release(session, chosen, records).reference
    yield BundleMember(
        path=f"{MIRROR}/{reference.name}-{reference.version}.tgz", open=partial(_open_tarball, session, found)
    )


def _stemcell(session: Session, index: WrittenDocument[Bundle], number: int, *, folder: str) -> Iterator[BundleMember]:
    """The tarball, where a mirror directory has it; of stemcells for every cloud."""
    stemcell = index.document.stemcells[number]
    path = f"{MIRROR}/{bundle_stemcells.file_name(stemcell)}"
    place = bundle_stemcells.place_on_disk(session, stemcell, folder)
    if place:
        with session.files.open_file(place):  # one that is missing is refused now
            yield BundleMember(path=path, open=partial(session.files.open_file, place))
        return
    reference = bundle_stemcells.reference_of(index, number, folder)
    digest = session.world.releases.fetch_file(reference, f"Stemcell '{stemcell.name}/{stemcell.version}'")
    yield BundleMember(path=path, open=partial(session.world.blobs.open_blob, digest))


def _open_tarball(session: Session, reference: ReleaseReference) -> BinaryIO:
    if reference.blob:
        return session.world.blobs.open_blob(reference.blob)
    if release_addresses.is_address(reference.url):
        return session.world.blobs.open_blob(Digest(session.world.releases.pinned_digest(reference)))
    return session.files.open_file(_path_of(reference))


def _path_of(reference: ReleaseReference) -> str:
    return str(PurePath(reference.base, reference.url.removeprefix("file://")))


def _directory(session: Session, folder: str, reference: ReleaseReference) -> Iterator[BundleMember]:
    """A release directory as it is, with the blobs that it lacks."""
    root = _path_of(reference)
    inside = _inside(folder, root, reference.where)
    releases = session.world.releases
    files, blobs = releases.list_files(reference), releases.list_blobs(reference)
    raise_all(_linked(reference, file.path) for file in files if file.link is not None)
    if any(blob.is_build for blob in blobs):
        raise InputError(
            "bundle-release-vendored",
            f"Release '{reference.name}' has vendored packages, which a bundle cannot take from its directory.",
            why="Their archives are in the blobstore of the release that they come from.",
            fix="Upload the release, and name it by version: `compleat upload-release DIRECTORY --version VERSION`.",
            where=reference.where,
        )
    for file in files:
        opened = partial(session.files.open_file, f"{root}/{file.path}")
        yield BundleMember(path=f"{inside}/{file.path}", open=opened, is_executable=file.is_executable)
    for path, digest in (releases.fetch_blobs(reference) if blobs else {}).items():
        yield BundleMember(path=f"{inside}/blobs/{path}", open=partial(session.world.blobs.open_blob, digest))


def _linked(reference: ReleaseReference, path: str) -> InputError:
    return InputError(
        "bundle-file-linked",
        f"'{path}' of release '{reference.name}' is a symbolic link.",
        why="A bundle holds ordinary files alone.",
        fix="Upload the release, and name it by version: `compleat upload-release DIRECTORY --version VERSION`.",
        where=reference.where,
    )
