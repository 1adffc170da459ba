"""Blobs that a release directory pins in config/blobs.yml.

Takes documents, gives pins. Source: cloudfoundry/bosh-cli releasedir/fs_blobs_dir.go, fs_config.go; `architecture`,
and object ids that begin with "pypi:" or "https://", are ours.
"""

from dataclasses import replace

from director.errors import InputError
from director.model.releases.multi_digest import SingleDigest, read_multi_digest
from director.model.releases.release_files import ARCHITECTURES, BlobPin, BlobProvider
from director.releases.release_documents import ReleaseDocument
from director.releases.release_stores import BlobSource


def read_blob_pins(blobs: ReleaseDocument, source: BlobSource) -> dict[str, BlobPin]:
    """Read blobs.yml into pins by path.

    Adds to its problems: digest-unreadable, blob-path-escapes, blob-architecture-unknown.
    """
    pins = {}
    for path in blobs.names():
        pin = _read_pin(path, blobs.child(path), source)
        if pin:
            pins[path] = pin
    return pins


def pin_object(object_id: str, source: BlobSource, *, digest: SingleDigest, where: str) -> BlobPin:
    """Pin an object by its id, which may name its provider by a prefix."""
    if object_id.startswith("pypi:"):
        source = BlobSource(provider=BlobProvider.PYPI)
    elif object_id.startswith(("https://", "http://")):
        source = BlobSource(provider=BlobProvider.HTTPS)
    return BlobPin(
        path=object_id,
        provider=source.provider,
        place=source.place,
        store=source.store,
        object_id=object_id,
        size=0,
        digest=digest,
        where=where,
    )


def read_digest(entry: ReleaseDocument, key: str) -> SingleDigest | None:
    """SHA-256 if it is among the digests, as fingerprints are made of it; else the strongest."""
    try:
        listed = read_multi_digest(entry.word(key), entry.where(key))
    except InputError as error:
        entry.problems.append(error)
        return None
    return next((digest for digest in listed if digest.algorithm == "sha256"), listed[0])


def _read_pin(path: str, entry: ReleaseDocument, source: BlobSource) -> BlobPin | None:
    digest = read_digest(entry, "sha")
    _check_path(path, entry)
    if not digest:
        return None
    pin = pin_object(entry.word("object_id"), source, digest=digest, where=entry.where())
    return replace(pin, path=path, size=entry.number("size"), architecture=_read_architecture(entry))


def _check_path(path: str, entry: ReleaseDocument) -> None:
    if path.startswith("/") or ".." in path.split("/"):
        entry.refuse(
            "blob-path-escapes",
            f"Blob '{path}' has a path outside blobs/.",
            why="Its path is absolute or climbs with '..'.",
            fix="Give it a path within blobs/.",
        )


def _read_architecture(entry: ReleaseDocument) -> str:
    word = entry.word("architecture")
    if word and word not in ARCHITECTURES:
        entry.refuse(
            "blob-architecture-unknown",
            f"'{word}' is not a supported architecture.",
            fix=f"Expected one of: {', '.join(ARCHITECTURES)}.",
            at=("architecture",),
        )
    return ARCHITECTURES.get(word, "")
