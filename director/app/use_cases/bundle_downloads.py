"""Where the releases of a bundle come from, and what of them would be downloaded; nothing is fetched.

Takes a Session and a bundle's deployments as files, gives a table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions import release_addresses, release_sources, source_documents
from director.app.sessions.session import Session
from director.app.use_cases import bundle_files, bundle_stemcells
from director.app.use_cases.requested_deployments import RequestedDeployment
from director.model.ids import Digest
from director.model.releases.release import ReleaseReference
from director.model.report import Table
from director.releases import guest_bpm
from director.report import download_text, release_rows
from director.resolve.releases import uploaded

_MIB = 1 << 20
COLUMNS = ("release", "version", "file", "mib", "state", "from", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReleasePlace:
    """Where a release is: `state` is uploaded, on disk, downloaded, to download or missing."""

    state: str
    place: str = ""
    digest: str = ""
    size: int | None = None


def list_downloads(session: Session, requested: Sequence[RequestedDeployment]) -> Table:
    """A row for each document of the index's sources, each release that the manifests name, and each stemcell.

    Raises InputError: what is wrong with their YAML and ops.
    """
    rows = tuple(
        row
        for reference, size in named_references(session, requested).items()
        for row in (_row(session, reference, size), *_blob_rows(session, reference))
    )
    documents, stemcells = tuple(_document_rows(session, requested)), tuple(_stemcell_rows(session, requested))
    empty = "The bundle's manifests name no releases."
    return Table(name="downloads", columns=COLUMNS, rows=(*documents, *rows, *stemcells), empty=empty)


def _document_rows(session: Session, requested: Sequence[RequestedDeployment]) -> Iterator[Mapping[str, JsonValue]]:
    """What the manifests and ops files of sources are read from; they are there by now."""
    used = (
        source_documents.find_file(index, path, folder=folder)
        for index, folder in bundle_stemcells.indexes_of(requested)
        for each in index.document.deployments
        for path in bundle_files.documents_of(session, each)
    )
    for file in dict.fromkeys(file for file in used if file is not None):
        place = source_documents.place_on_disk(session, file)
        size = session.files.size_of(place) if place else None
        yield {
            "release": file.reference.name,
            "version": file.reference.version,
            "file": file.path,
            "mib": None if size is None else round(size / _MIB, 1),
            "state": "on disk" if place else "downloaded",
            "from": place or release_rows.shown_address(file.reference.url),
            "digest": file.reference.digest,
            "size": size,
        }


def _stemcell_rows(session: Session, requested: Sequence[RequestedDeployment]) -> Iterator[Mapping[str, JsonValue]]:
    environment = session.world.store.load_environment(session.settings.environment)
    there = {(one.name, one.version) for one in environment.uploaded if one.cid} if environment else set()
    for index, folder in bundle_stemcells.indexes_of(requested):
        for one in index.document.stemcells:
            place = bundle_stemcells.place_on_disk(session, one, folder)
            size = session.files.size_of(place) if place else one.size
            missing = download_text.TO_DOWNLOAD if not place else "on disk" if size is not None else "missing"
            yield {
                "release": one.name,
                "version": one.version,
                "file": "stemcell",
                "mib": None if size is None else round(size / _MIB, 1),
                "state": "uploaded" if (one.name, one.version) in there else missing,
                "from": place or release_rows.shown_address(one.url),
                "digest": one.sha1 or "",
                "size": size,
            }


def named_references(
    session: Session, requested: Sequence[RequestedDeployment]
) -> Mapping[ReleaseReference, int | None]:
    """Each release once, with its size as the index says it."""
    found: dict[ReleaseReference, int | None] = {}
    for one in requested:
        tree = bundle_files.read_tree(session, one.files)
        listed = one.index.document.releases if one.index is not None else ()
        sizes = {(each.name, each.version): each.size for each in listed}
        for written in uploaded.named_references(tree, one.files.base):
            if written.name == guest_bpm.NAME and session.file.bpm == "guest":
                continue
            found[release_sources.place_release(written, one.files.placed)] = sizes.get((written.name, written.version))
    return found


def _row(session: Session, reference: ReleaseReference, size: int | None) -> Mapping[str, JsonValue]:
    found = next(_places(session, reference, size), _ReleasePlace(state="missing"))
    return {
        "release": reference.name,
        "version": reference.version,
        "file": "",
        "mib": None if found.size is None else round(found.size / _MIB, 1),
        "state": found.state,
        "from": found.place,
        "digest": found.digest or reference.digest,
        "size": found.size,
    }


def _blob_rows(session: Session, reference: ReleaseReference) -> Iterator[Mapping[str, JsonValue]]:
    """What the packages of a release directory are made of that it does not have."""
    if reference.version != "create":
        return
    for blob in session.world.releases.list_blobs(reference):
        yield {
            "release": reference.name,
            "version": reference.version,
            "file": blob.path,
            "mib": round(blob.size / _MIB, 1),
            "state": "downloaded" if blob.is_here else download_text.TO_DOWNLOAD,
            "from": blob.place,
            "digest": blob.digest,
            "size": blob.size,
        }


def _places(session: Session, reference: ReleaseReference, size: int | None) -> Iterator[_ReleasePlace]:
    """In the order in which a deploy looks."""
    records = session.world.release_records.list_releases()
    chosen = uploaded.choose_uploaded(reference, records, ())
    for record in records if chosen else ():
        if chosen and record.digest == chosen.blob:
            yield _ReleasePlace(state="uploaded", place=record.origin, digest=record.digest, size=record.size)
    for candidate in release_addresses.references_in(reference, session.file.release_sources, base=session.folder):
        yield from _place(session, candidate, size)
    if reference.url:
        yield from _place(session, reference, size)


def _place(session: Session, reference: ReleaseReference, size: int | None) -> Iterable[_ReleasePlace]:
    if release_addresses.is_address(reference.url):
        known = session.world.releases.pinned_digest(reference)
        is_here = bool(known) and session.world.blobs.has_blob(Digest(known))
        state = "downloaded" if is_here else download_text.TO_DOWNLOAD
        return (_ReleasePlace(state=state, place=release_rows.shown_address(reference.url), digest=known, size=size),)
    path = str(PurePath(reference.base, reference.url.removeprefix("file://")))
    if not session.files.is_there(path):
        return ()
    return (_ReleasePlace(state="on disk", place=path, size=session.files.size_of(path)),)
