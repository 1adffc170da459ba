"""Blobs and releases fetched into the blobstore, each once, each checked against its digest on the way in.

Takes pins and URLs, gives digests of blobs. Nothing that has another digest is kept.
"""

import os
import stat
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import field
from functools import partial
from pathlib import Path
from typing import BinaryIO

from cpi.contract.errors import ExplainedError
from cpi.contract.value_classes import dataclass
from director import errors
from director.edge.blobs import digests
from director.edge.blobs.digest_index import DigestIndex
from director.edge.downloads import downloads, pin_downloads, pip_download, product_network
from director.edge.downloads.addressed_files import AddressedFiles
from director.edge.downloads.downloads import DownloadError, DownloadSettings
from director.edge.downloads.partial_downloads import PartialDownloads, WantedFile
from director.edge.downloads.pin_downloads import PinDownloads
from director.edge.downloads.pip_download import PipFile, PipSettings
from director.edge.downloads.product_network import ProductNetwork
from director.edge.machine import regular_files, threads
from director.edge.machine.exclusive_work import ExclusiveWork
from director.errors import InputError, raise_all
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release import ReleaseReference
from director.model.releases.release_files import BlobPin, BlobProvider
from director.ports.blobstore import Blobstore

_WIDTH = 5
"""Downloads at a time, as many as the BOSH CLI makes."""
_ASKED = (BlobProvider.HTTPS, BlobProvider.STORE)
_FIX_OF_BLOB = "Put the file at blobs/{} in the release directory, or correct its source."
_FIX_OF_BUILD = "Correct the blobstore in config/final.yml, or its credentials in config/private.yml."


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
        self._partials = PartialDownloads(home / "downloads")
        self._pins = PinDownloads(
            settings=settings.downloads, environment=settings.pip.environment, partials=self._partials
        )
        self._files = AddressedFiles(
            partials=self._partials, settings=settings.downloads, environment=settings.pip.environment
        )
        self._seen: set[str] = set()

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

    def pin_problems(self, pins: Iterable[BlobPin], base: Path) -> tuple[ExplainedError, ...]:
        """What keeps blobs from being fetched: their servers are queried, nothing is taken. Those we have are fine."""
        wanted = {str(pin.digest): pin for pin in pins if not self._find(pin.digest)}.values()
        return self._collected([partial(self._check, pin, base) for pin in wanted])

    def has_pin(self, pin: BlobPin) -> bool:
        """Whether the blobstore has the blob."""
        return self._find(pin.digest) is not None

    def fetch_url(self, reference: ReleaseReference, key: str, refusals: "Refusals") -> Digest:
        """Ensure that the blobstore has the file of `key` (a digest, or a URL with a version).

        A file without a given digest is pinned when it is first downloaded: another one is refused later.
        Raises InputError: release-unavailable, digest-mismatch, in the words of `refusals`.
        """
        return self.fetch_once(key, refusals, lambda pinned: self._download(reference, pinned, key=key))

    def fetch_once(self, key: str, refusals: "Refusals", fetch: Callable[["Refusals"], Digest]) -> Digest:
        """The blob of `key`: `fetch` puts it into the blobstore if it is not there; its digest is pinned then."""
        with self._exclusive.working_on(f"url {key}"):
            known = self._known.find_entry(key)
            if known and self._blobstore.has_blob(Digest(known.digest)):
                return Digest(known.digest)
            digest = fetch(refusals.pinned(known.digest) if known else refusals)
            self._known.save_entry(key, digest, 0)
            return digest

    def _download(
        self,
        reference: ReleaseReference,
        refusals: "Refusals",
        *,
        key: str,
        announce: Callable[[Digest], None] | None = None,
    ) -> Digest:
        try:
            url, located = self._located(reference, refusals)
            wanted = WantedFile(url=url, key=key, is_checked=located.is_checking)
            return self._files.download(wanted, lambda stream: located.put(self._blobstore, stream, announce=announce))
        except DownloadError as error:
            raise refusals.unavailable(f"{error}") from error

    def _located(self, reference: ReleaseReference, refusals: "Refusals") -> tuple[str, "Refusals"]:
        """Where the file is now, and what it must be: a product network says both."""
        if not reference.url.startswith(product_network.SCHEME):
            return reference.url, refusals
        network = ProductNetwork(self._settings.downloads, self._settings.pip.environment)
        found = network.find_file(reference)
        return found.url, refusals.pinned(found.digest) if found.digest else refusals

    def known_digest(self, key: str) -> str:
        """The digest that the file of `key` had when it was downloaded, "" before."""
        known = self._known.find_entry(key)
        return known.digest if known else ""

    def store_url(
        self, reference: ReleaseReference, refusals: "Refusals", announce: Callable[[Digest], None]
    ) -> Digest:
        """Download the file, whatever is known of the URL. Raises what fetch_url raises."""
        return self._download(reference, refusals, key=reference.url, announce=announce)

    def _find(self, digest: SingleDigest) -> Digest | None:
        known = Digest(str(digest))
        if digest.algorithm != "sha256":
            entry = self._known.find_entry(str(digest))
            known = Digest(entry.digest) if entry else known
        return known if known.startswith("sha256:") and self._blobstore.has_blob(known) else None

    def _fetch(self, pins: list[BlobPin], base: Path) -> None:
        alone = [pin for pin in pins if pin.provider is not BlobProvider.PYPI]
        raise_all(self._collected([partial(self._fetch_alone, pin, base) for pin in alone]))
        from_pip = [pip_download.read_pip_file(pin) for pin in pins if pin.provider is BlobProvider.PYPI]
        for group in pip_download.group_files(from_pip):
            self._fetch_by_pip(group)

    def _collected(self, calls: list[Callable[[], None]]) -> tuple[ExplainedError, ...]:
        """Make the calls in parallel; give all that they raise of what people wrote."""
        found = threads.run_all([partial(_problems_of, call) for call in calls], width=_WIDTH) if calls else []
        return tuple(problem for problems in found for problem in problems)

    def _check(self, pin: BlobPin, base: Path) -> None:
        problem = _pin_problem(pin, base, self._settings)
        if problem:
            raise problem
        if pin.provider in _ASKED and str(pin.digest) not in self._seen:
            try:
                self._pins.probe(pin)
            except DownloadError as error:
                raise _unavailable(pin, f"{error}") from error
            self._seen.add(str(pin.digest))

    def _fetch_alone(self, pin: BlobPin, base: Path) -> None:
        problem = _pin_problem(pin, base, self._settings)
        if problem:
            raise problem
        try:
            if pin.provider is BlobProvider.LOCAL:
                with regular_files.open_file(_local_place(pin, base)) as stream:
                    self._put(pin, stream)
            else:
                self._pins.download(pin, lambda stream: self._put(pin, stream))
        except (DownloadError, OSError) as error:
            why = f"{_local_place(pin, base)}: {error.strerror}" if isinstance(error, OSError) else f"{error}"
            raise _unavailable(pin, why) from error

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
            return _unavailable(pin, pin.place)
        case BlobProvider.STORE:
            return None
        case BlobProvider.LOCAL:
            return _local_problem(pin, base)
        case BlobProvider.HTTPS:
            try:
                downloads.check_url(pin_downloads.url_of(pin), settings.downloads)
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


def _problems_of(call: Callable[[], None]) -> tuple[ExplainedError, ...]:
    try:
        call()
    except InputError as error:
        return errors.each_problem(error)
    return ()


class Refusals:
    """What a file at a URL must be, and what to say when it is not there or not that."""

    def __init__(self, what: str, expected: SingleDigest | None, where: str) -> None:
        self._what = what
        self._expected = expected
        self._where = where

    @property
    def is_checking(self) -> bool:
        """Whether a digest is expected."""
        return self._expected is not None

    def pinned(self, digest: str) -> "Refusals":
        """The same for a file whose digest is known from its first download, unless one is expected anyway."""
        algorithm, _, value = digest.partition(":")
        known = SingleDigest(algorithm=algorithm, value=value)
        return self if self._expected else Refusals(self._what, known, self._where)

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
            fix="Check the URL and the network; or download it elsewhere and put it into a directory of "
            "`release_sources` (docs/howto/releases.md), or name the file.",
            where=self._where,
        )


def _unavailable(pin: BlobPin, why: str) -> InputError:
    return InputError(
        "blob-unavailable",
        f"Blob '{pin.path}' could not be fetched.",
        why=f"{why}.",
        fix=_FIX_OF_BUILD if pin.path == pin.object_id else _FIX_OF_BLOB.format(pin.path),
        where=pin.where,
    )
