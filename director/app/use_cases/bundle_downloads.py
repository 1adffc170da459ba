"""Where the releases of a bundle come from, and what of them would be downloaded; nothing is fetched.

Takes a Session and a bundle's deployments as files, gives a table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePath

from cpi.contract.value_classes import dataclass
from cpi.contract.values import JsonValue
from director.app.sessions import release_addresses, release_sources
from director.app.sessions.session import Session
from director.app.use_cases import bundle_files
from director.app.use_cases.bundle_preview import RequestedDeployment
from director.model.ids import Digest
from director.model.releases.release import ReleaseReference
from director.model.report import Table
from director.releases import guest_bpm
from director.report import download_text, release_rows
from director.resolve.releases import uploaded

COLUMNS = ("release", "version", "file", "mib", "state", "from", "digest")


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReleasePlace:
    """Where a release is: `state` is uploaded, on disk, downloaded, to download or missing."""

    state: str
    place: str = ""
    digest: str = ""
    size: int | None = None


def list_downloads(session: Session, requested: Sequence[RequestedDeployment]) -> Table:
    """A row for each release that the manifests name. Raises InputError: what is wrong with their YAML and ops."""
    rows = tuple(
        row
        for reference, size in named_references(session, requested).items()
        for row in (_row(session, reference, size), *_blob_rows(session, reference))
    )
    return Table(name="downloads", columns=COLUMNS, rows=rows, empty="The bundle's manifests name no releases.")


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
        "mib": None if found.size is None else round(found.size / (1 << 20), 1),
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
            "mib": round(blob.size / (1 << 20), 1),
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
