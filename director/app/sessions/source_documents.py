"""The documents that a bundle's index names: files beside it, and files of its sources.

Takes a Session, an index and a path as the index writes it, gives the document. A mirror directory of the environment
comes before a source's own address; what is not on disk is downloaded once, and always checked against its digest.
"""

import hashlib
from pathlib import PurePath
from urllib.parse import quote

from cpi.contract.value_classes import dataclass
from director.app.sessions import release_addresses
from director.app.sessions.session import Session
from director.errors import InputError
from director.model.documents import Source, WrittenDocument
from director.model.releases.multi_digest import read_multi_digest
from director.model.releases.release import ReleaseReference
from director.model.written.bundle import Bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file of a source: `reference` says where it is published, `path` is below that."""

    path: str
    reference: ReleaseReference

    @property
    def title(self) -> str:
        """As the index names it."""
        return f"{self.reference.name}/{self.path}"

    @property
    def mirrored(self) -> str:
        """Its path in a mirror directory."""
        return f"{self.reference.name}-{self.reference.version}/{self.path}"


def read_document(session: Session, index: WrittenDocument[Bundle], path: str, *, folder: str) -> Source:
    """The document at a path of the index, which is in `folder`.

    Raises InputError: file-missing, digest-mismatch, release-unavailable, release-url-unknown.
    """
    found = find_file(index, path, folder=folder)
    if found is None:
        return session.files.read_source(path, base=folder)
    place = place_on_disk(session, found)
    if place:
        content = session.files.read_source(place).content
        _check_digest(content, found, place)
        return Source(name=found.title, content=content)
    digest = session.world.releases.fetch_file(found.reference, f"Document '{found.title}'")
    with session.world.blobs.open_blob(digest) as stream:
        return Source(name=found.title, content=stream.read())


def find_file(index: WrittenDocument[Bundle], path: str, *, folder: str) -> SourceFile | None:
    """The file of a source that is called SOURCE/FILE; None where the path is one beside the index."""
    name, _, file = path.partition("/")
    for number, source in enumerate(index.document.sources):
        if source.name == name and file in source.files:
            reference = ReleaseReference(
                name=name,
                version=source.version,
                url=f"{source.url.rstrip('/')}/{quote(file)}",
                digest=source.files[file],
                base=folder,
                where=index.where("sources", number, "files", file),
            )
            return SourceFile(path=file, reference=reference)
    return None


def place_on_disk(session: Session, file: SourceFile) -> str:
    """Where the file is in a mirror directory, or where its source is a path; "" where it is downloaded."""
    folders = release_addresses.directories_of(session.file.release_sources, base=session.folder)
    places = [str(PurePath(folder, file.mirrored)) for folder in folders]
    found = next((place for place in places if session.files.is_there(place)), "")
    if found or "://" in file.reference.url:
        return found
    return str(PurePath(file.reference.base, file.reference.url))


def _check_digest(content: bytes, file: SourceFile, place: str) -> None:
    expected = read_multi_digest(file.reference.digest, file.reference.where)[0]
    got = hashlib.new(expected.algorithm, content).hexdigest()
    if got != expected.value:
        raise InputError(
            "digest-mismatch",
            f"'{place}' does not match the digest of document '{file.title}'.",
            why=f"Expected {expected}, got {expected.algorithm}:{got}.",
            fix="Copy the file again; or, if you trust this one, correct its digest in the index.",
            where=file.reference.where,
        )
