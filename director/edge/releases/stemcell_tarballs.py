"""The StemcellTarballs port for real: a stream from a file or a URL, and the image in a workspace of the home.

Takes places, gives unpacked stemcells. Untrusted: bounded in entries and size, checked while it is read.
"""

import hashlib
import io
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from director.edge.blobs import archives
from director.edge.blobs.archives import ArchiveLimits, MemberKind
from director.edge.blobs.digest_index import DigestIndex
from director.edge.downloads import addressed_files, downloads
from director.edge.downloads.addressed_files import AddressedFiles
from director.edge.downloads.downloads import DownloadError, DownloadSettings
from director.edge.downloads.partial_downloads import PartialDownloads, WantedFile
from director.edge.machine import atomic_files, regular_files
from director.edge.machine.exclusive_work import ExclusiveWork
from director.edge.releases.kept_images import KeptImages
from director.errors import InputError
from director.model.documents import Source
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest, read_multi_digest
from director.model.releases.stemcell_tarball import StemcellPlace, UnpackedStemcell

MANIFEST, IMAGE = "stemcell.MF", "image"
_LIMITS = ArchiveLimits(entries=1_000, size_bytes=64 << 30, ratio=1_100)
"""A disk image may be nearly empty, and DEFLATE packs zeros 1,032 to 1: the size is the limit that counts."""
_MOST_MANIFEST_BYTES = 1 << 20
_CHUNK_BYTES = 1 << 20
_ALGORITHMS = ("sha1", "sha256", "sha512")


class LocalStemcellTarballs:
    """Implements ports.stemcell_tarballs.StemcellTarballs; `home` holds its locks, workspaces and pins.

    `environment` has the credentials of object stores.
    """

    def __init__(
        self, home: Path, settings: DownloadSettings, environment: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self._exclusive = ExclusiveWork(home)
        self._files = AddressedFiles(
            partials=PartialDownloads(home / "downloads"), settings=settings, environment=environment
        )
        self._kept = KeptImages(home / "kept")
        self._pins = DigestIndex(home / "known", home / "partial")

    @contextmanager
    def unpack(self, place: StemcellPlace, *, is_read_again: bool = False) -> Iterator[UnpackedStemcell]:
        with self._exclusive.working_on(f"{place.base} {place.place}") as workspace:
            if not _is_remote(place):
                yield _open(place, workspace)
                return
            unpacked = self._kept.take(place, workspace) or self._download(place, workspace)
            yield unpacked
            if is_read_again:
                self._kept.keep(place, unpacked)

    def close(self) -> None:
        """Remove what was kept to be read again and was not."""
        self._kept.close()

    def _download(self, place: StemcellPlace, workspace: Path) -> UnpackedStemcell:
        key = hashlib.sha256(place.place.encode()).hexdigest()  # a URL may hold a secret
        pin = self._pins.find_entry(key)
        pinned = _split(pin.digest) if pin and not place.digest else None
        try:
            unpacked = self._files.download(
                WantedFile(url=place.place, key=key, is_checked=bool(place.digest or pinned)),
                lambda stream: _StemcellReading(place, workspace, pinned).read(stream),
            )
        except DownloadError as error:
            raise _unavailable(_title(place), f"{error}.", "Check the URL and the network, or name a file.") from error
        self._pins.save_entry(key, unpacked.digest, 0)
        return unpacked


def _open(place: StemcellPlace, workspace: Path) -> UnpackedStemcell:
    path = _path(place)
    try:
        stream = regular_files.open_file(path)
    except OSError as error:
        raise _unavailable(str(path), f"System error: {error.strerror}.", "Name the stemcell's tarball.") from error
    with stream:
        return _StemcellReading(place, workspace, None).read(stream)


class _StemcellReading:
    """One tarball read from its first byte to its last. `pinned` is the digest of an earlier download."""

    def __init__(self, place: StemcellPlace, workspace: Path, pinned: SingleDigest | None) -> None:
        self._title = _title(place)
        self._where = place.where
        self._image = workspace / IMAGE
        self._pinned = pinned
        given = read_multi_digest(place.digest, place.where) if place.digest else ()
        self._expected = given[0] if given else pinned
        self._image_digests: dict[str, str] = {}

    def read(self, stream: BinaryIO) -> UnpackedStemcell:
        hashed = _Hashed(stream)
        with io.BufferedReader(hashed, _CHUNK_BYTES) as buffered:
            try:
                manifest, size = self._read_members(buffered)
            except InputError:
                # Of a tarball that is another than expected, nothing else is worth saying.
                self._check(buffered, hashed)
                raise
            self._check(buffered, hashed)
        return UnpackedStemcell(
            manifest=Source(name=f"{self._title}:{MANIFEST}", content=manifest),
            image_path=str(self._image),
            image_size=size,
            image_digests=self._image_digests,
            digest=Digest(f"sha256:{hashed.digests['sha256']}"),
            origin=self._title,
        )

    def _read_members(self, stream: BinaryIO) -> tuple[bytes, int]:
        manifest, size = None, None
        for member, content in archives.read_members(stream, self._title, limits=_LIMITS):
            if member.kind is not MemberKind.FILE:
                continue
            if member.name == MANIFEST:
                manifest = self._manifest(content)
            elif member.name == IMAGE:
                size = self._store_image(content)
        if manifest is None or size is None:
            raise _part_missing(self._title, MANIFEST if manifest is None else IMAGE)
        return manifest, size

    def _manifest(self, content: BinaryIO) -> bytes:
        text = content.read(_MOST_MANIFEST_BYTES + 1)
        if len(text) > _MOST_MANIFEST_BYTES:
            raise InputError(
                "stemcell-manifest-too-large",
                f"{MANIFEST} in '{self._title}' has more than {_MOST_MANIFEST_BYTES} bytes.",
                why="It is held in memory; real ones have less than a thousand.",
                fix="Check the source of the tarball.",
            )
        return text

    def _store_image(self, content: BinaryIO) -> int:
        hashed = _Hashed(content)
        try:
            with self._image.open("wb") as file, io.BufferedReader(hashed, _CHUNK_BYTES) as buffered:
                shutil.copyfileobj(buffered, file, _CHUNK_BYTES)
                size = file.tell()
        except OSError as error:
            raise atomic_files.storage_error(self._image, error) from error
        self._image_digests = hashed.digests
        return size

    def _check(self, stream: BinaryIO, hashed: "_Hashed") -> None:
        """Read what the archive leaves behind its end, then hold the whole against what is expected."""
        while stream.read(_CHUNK_BYTES):
            pass
        expected = self._expected
        if expected is None or hashed.digests[expected.algorithm] == expected.value:
            return
        is_pinned = expected is self._pinned
        raise InputError(
            "digest-mismatch",
            f"'{self._title}' does not match {'its first download' if is_pinned else 'its digest'}.",
            why=f"Expected {expected}, got {expected.algorithm}:{hashed.digests[expected.algorithm]}.",
            fix="If you trust the new file, name its digest with --sha1; otherwise ask its author."
            if is_pinned
            else f"Correct {self._where}, if you trust the file; otherwise ask its author.",
        )


class _Hashed(io.RawIOBase):
    """A stream hashed on its way through."""

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__()
        self._stream = stream
        self._hashes = {name: hashlib.new(name) for name in _ALGORITHMS}

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        data = self._stream.read(len(buffer))
        for each in self._hashes.values():
            each.update(data)
        buffer[: len(data)] = data
        return len(data)

    @property
    def digests(self) -> dict[str, str]:
        return {name: each.hexdigest() for name, each in self._hashes.items()}


def _is_remote(place: StemcellPlace) -> bool:
    return place.place.startswith(addressed_files.SCHEMES)


def _path(place: StemcellPlace) -> Path:
    plain = place.place.removeprefix("file://")
    if "://" in plain:
        raise InputError(
            "stemcell-url-unknown",
            f"Stemcells cannot be read from {plain.partition('://')[0]}://.",
            why="Supported are a path, file://, https://, s3://BUCKET/KEY, gs://BUCKET/KEY and "
            "swift://CONTAINER/OBJECT.",
            fix="Download the tarball and name the file.",
        )
    return Path(place.base, Path(plain).expanduser()).absolute()


def _title(place: StemcellPlace) -> str:
    return downloads.shown(place.place) if _is_remote(place) else str(_path(place))


def _split(digest: str) -> SingleDigest:
    algorithm, _, value = digest.partition(":")
    return SingleDigest(algorithm=algorithm, value=value)


def _part_missing(title: str, part: str) -> InputError:
    return InputError(
        "stemcell-part-missing",
        f"'{title}' is not a stemcell: it has no file {part}.",
        why=f"A stemcell is a tarball with {MANIFEST} and {IMAGE} at its top; of a light one, {IMAGE} is empty.",
        fix="Name a stemcell's tarball; docs/howto/pack-a-stemcell.md packs one.",
    )


def _unavailable(title: str, why: str, fix: str) -> InputError:
    return InputError("stemcell-unavailable", f"Stemcell '{title}' could not be read.", why=why, fix=fix)
