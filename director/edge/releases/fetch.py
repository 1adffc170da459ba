"""Blobs and releases fetched into the blobstore, each once, each checked against its digest on the way in.

Takes pins and URLs, gives digests of blobs. Nothing that has another digest is kept.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from cpi.contract.errors import ExplainedError
from director.edge.blobs import digests
from director.edge.blobs.digest_index import DigestIndex
from director.edge.machine.exclusive_work import ExclusiveWork
from director.edge.releases import downloads, pip_download
from director.edge.releases.downloads import DownloadError, DownloadSettings
from director.edge.releases.pip_download import PipFile, PipSettings
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release_files import BlobPin, BlobProvider
from director.ports.blobstore import Blobstore


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How to fetch."""

    pip: PipSettings
    downloads: DownloadSettings = field(default_factory=DownloadSettings)


class Fetcher:
    """Fetches into the blobstore; `home` holds its locks, workspaces and what it knows by other digests or URLs."""

    def __init__(self, home: Path, blobstore: Blobstore, settings: FetchSettings) -> None:
        self._blobstore = blobstore
        self._settings = settings
        self._exclusive = ExclusiveWork(home)
        self._known = DigestIndex(home / "known", home / "partial")

    def fetch_pins(self, pins: Iterable[BlobPin], base: Path) -> dict[str, Digest]:
        """Have the blobs in the blobstore; give their digests by path. `base` is the release directory.

        Raises InputError: blob-unavailable, blob-digest-mismatch, pip-absent, blob-object-id-broken.
        """
        wanted = {str(pin.digest): pin for pin in pins}
        missing = [pin for pin in wanted.values() if not self._find(pin.digest)]
        if missing:
            with self._exclusive.holding(f"blob {pin.digest}" for pin in missing):
                self._fetch([pin for pin in missing if not self._find(pin.digest)], base)
        found = {pin.path: self._find(pin.digest) for pin in wanted.values()}
        return {path: digest for path, digest in found.items() if digest}

    def pin_problems(self, pins: Iterable[BlobPin], base: Path) -> Iterator[InputError]:
        """What keeps blobs from being fetched, as far as it shows without a network; those we have are fine."""
        for pin in pins:
            if not self._find(pin.digest):
                problem = _pin_problem(pin, base, self._settings)
                if problem:
                    yield problem

    def fetch_url(self, url: str, key: str, refusals: "Refusals") -> Digest:
        """Ensure that the blobstore has the file of `key` (a digest, or a URL with a version).

        Raises InputError: release-unavailable, digest-mismatch, in the words of `refusals`.
        """
        with self._exclusive.working_on(f"url {key}"):
            known = self._known.find_entry(key)
            if known and self._blobstore.has_blob(Digest(known.digest)):
                return Digest(known.digest)
            try:
                digest = downloads.download(
                    url, self._settings.downloads, lambda stream: refusals.put(self._blobstore, stream)
                )
            except DownloadError as error:
                raise refusals.unavailable(f"{error}") from error
            self._known.save_entry(key, digest, 0)
            return digest

    def store_url(self, url: str, refusals: "Refusals", announce: Callable[[Digest], None]) -> Digest:
        """Download the file, whatever is known of the URL. Raises what fetch_url raises."""
        try:
            return downloads.download(
                url,
                self._settings.downloads,
                lambda stream: refusals.put(self._blobstore, stream, announce=announce),
            )
        except DownloadError as error:
            raise refusals.unavailable(f"{error}") from error

    def _find(self, digest: SingleDigest) -> Digest | None:
        known = Digest(str(digest))
        if digest.algorithm != "sha256":
            entry = self._known.find_entry(str(digest))
            known = Digest(entry.digest) if entry else known
        return known if known.startswith("sha256:") and self._blobstore.has_blob(known) else None

    def _fetch(self, pins: list[BlobPin], base: Path) -> None:
        from_pip: list[PipFile] = []
        for pin in pins:
            match pin.provider:
                case BlobProvider.LOCAL:
                    self._fetch_local(pin, base)
                case BlobProvider.HTTPS:
                    self._fetch_https(pin)
                case BlobProvider.PYPI:
                    from_pip.append(pip_download.read_pip_file(pin))
                case BlobProvider.NONE:
                    problem = _pin_problem(pin, base, self._settings)
                    assert problem, "the blobstore provider is unknown"
                    raise problem
        for group in pip_download.group_files(from_pip):
            self._fetch_by_pip(group)

    def _fetch_local(self, pin: BlobPin, base: Path) -> None:
        problem = _pin_problem(pin, base, self._settings)
        if problem:
            raise problem
        path = _local_place(pin, base)
        try:
            with path.open("rb") as stream:
                self._put(pin, stream)
        except OSError as error:
            raise _unavailable(pin, f"{path}: {error.strerror}") from error

    def _fetch_https(self, pin: BlobPin) -> None:
        try:
            downloads.download(_url_of(pin), self._settings.downloads, lambda stream: self._put(pin, stream))
        except DownloadError as error:
            raise _unavailable(pin, f"{error}") from error

    def _fetch_by_pip(self, group: list[PipFile]) -> None:
        with ExitStack() as stack:
            folder = stack.enter_context(self._exclusive.working_on(f"pip {group[0].pin.digest}"))
            pip_download.pip_download(group, folder, self._settings.pip)
            for file in group:
                self._put(file.pin, stack.enter_context((folder / file.file).open("rb")))

    def _put(self, pin: BlobPin, stream: BinaryIO) -> Digest:
        checked = digests.checked_stream(stream, pin.digest, lambda got: pip_download.mismatch(pin, got))
        digest = self._blobstore.put_blob(checked)
        if pin.digest.algorithm != "sha256":
            self._known.save_entry(str(pin.digest), digest, 0)
        return digest


def _pin_problem(pin: BlobPin, base: Path, settings: FetchSettings) -> InputError | None:
    """What is wrong with the pin itself, or with where it leads on this machine."""
    if not pin.object_id:
        return _unavailable(pin, "It has no object_id, so it was never uploaded anywhere")
    match pin.provider:
        case BlobProvider.NONE:
            why = f"Blobs of provider '{pin.place}' cannot be fetched; local, https and pypi can"
            return _unavailable(pin, why if pin.place else "config/final.yml names no blobstore")
        case BlobProvider.LOCAL:
            return _local_problem(pin, base)
        case BlobProvider.HTTPS:
            try:
                downloads.check_url(_url_of(pin), settings.downloads)
            except DownloadError as error:
                return _unavailable(pin, f"{error}")
        case BlobProvider.PYPI:
            try:
                pip_download.read_pip_file(pin)
            except InputError as error:
                return error
    return None


def _local_problem(pin: BlobPin, base: Path) -> InputError | None:
    if pin.object_id.startswith("/") or ".." in pin.object_id.split("/") or "\0" in pin.object_id + pin.place:
        return _unavailable(pin, f"{pin.object_id!a} is not an object id")
    path = _local_place(pin, base)
    try:
        return None if stat.S_ISREG(path.stat().st_mode) else _unavailable(pin, f"{path} is not a file")
    except OSError as error:
        return _unavailable(pin, f"{path}: {error.strerror}")


def _local_place(pin: BlobPin, base: Path) -> Path:
    return base / Path(os.path.expanduser(pin.place)) / pin.object_id  # noqa: PTH111  # a Path's raises for no user


def _url_of(pin: BlobPin) -> str:
    return f"{pin.place.rstrip('/')}/{pin.object_id}" if pin.place else pin.object_id


class Refusals:
    """What a file at a URL must be, and what to say when it is not there or not that."""

    def __init__(self, what: str, expected: SingleDigest | None, where: str) -> None:
        self._what = what
        self._expected = expected
        self._where = where

    def put(
        self, blobstore: Blobstore, stream: BinaryIO, *, announce: Callable[[Digest], None] | None = None
    ) -> Digest:
        """Store the stream, if it is what is expected."""
        if self._expected:
            stream = digests.checked_stream(stream, self._expected, self.mismatch)
        return blobstore.put_blob(stream, announce=announce)

    def mismatch(self, got: str) -> ExplainedError:
        return InputError(
            "digest-mismatch",
            f"{self._what} does not match its digest.",
            why=f"Expected {self._expected}, got {got}. The download was discarded.",
            fix="Correct `sha1` or `url` in the manifest, if you trust the download; otherwise ask its author.",
            where=self._where,
        )

    def unavailable(self, why: str) -> ExplainedError:
        return InputError(
            "release-unavailable",
            f"{self._what} could not be downloaded.",
            why=f"{why}.",
            fix="Check the URL and the network, or download it separately and name the file.",
            where=self._where,
        )


def _unavailable(pin: BlobPin, why: str) -> InputError:
    return InputError(
        "blob-unavailable",
        f"Blob '{pin.path}' could not be fetched.",
        why=f"{why}.",
        fix=f"Put the file at blobs/{pin.path} in the release directory, or correct its source.",
        where=pin.where,
    )
