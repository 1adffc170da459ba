"""Pinned blobs downloaded from a URL or an object store, or looked for there and not taken.

Takes pins, gives streams; a store is asked as its credentials allow, one request after another.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO, TypeVar, assert_never

from cpi.contract.value_classes import dataclass
from director.edge.downloads import downloads, object_requests
from director.edge.downloads.downloads import DownloadError, DownloadSettings
from director.edge.downloads.object_requests import UnsignableError
from director.edge.downloads.partial_downloads import PartialDownloads, WantedFile
from director.model.releases.release_files import BlobPin, BlobProvider

Result = TypeVar("Result")
_PROBE_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PinDownloads:
    """`environment` is where a store's own tools look for credentials."""

    settings: DownloadSettings
    environment: Mapping[str, str]
    partials: PartialDownloads

    def download(self, pin: BlobPin, take: Callable[[BinaryIO], Result]) -> Result:
        """Give the blob to `take` as a stream. Raises DownloadError, and what `take` raises."""
        return self._first_answered(
            pin,
            self.settings,
            lambda url, settings: self.partials.download(
                WantedFile(url=url, key=str(pin.digest), is_checked=True), settings, take
            ),
        )

    def probe(self, pin: BlobPin) -> None:
        """See that the blob would be given. Raises DownloadError."""
        hasty = replace(
            self.settings,
            timeout_s=min(self.settings.timeout_s, _PROBE_TIMEOUT_S),
            retry_delays_s=self.settings.retry_delays_s[:1],
        )
        self._first_answered(pin, hasty, downloads.probe)

    def _first_answered(
        self, pin: BlobPin, settings: DownloadSettings, ask: Callable[[str, DownloadSettings], Result]
    ) -> Result:
        failure = DownloadError("")
        for make in self._requests(pin, settings):
            try:
                return ask(*make())
            except DownloadError as error:
                failure = error
        raise failure

    def _requests(
        self, pin: BlobPin, settings: DownloadSettings
    ) -> Iterator[Callable[[], tuple[str, DownloadSettings]]]:
        if pin.store is None:
            yield lambda: (url_of(pin), settings)
            return
        for each in object_requests.object_requests(pin.store, pin.object_id, self.environment):
            yield lambda each=each: _prepared(each, settings)  # type: ignore[misc]


def _prepared(
    make: Callable[[], object_requests.ObjectRequest], settings: DownloadSettings
) -> tuple[str, DownloadSettings]:
    try:
        request = make()
    except UnsignableError as error:
        raise DownloadError(f"{error}") from error
    return request.url, replace(
        settings,
        headers=request.headers,
        allows_http=request.allows_http,
        checks_certificate=request.checks_certificate,
    )


def url_of(pin: BlobPin) -> str:
    """The URL of a blob that has no store."""
    return f"{pin.place.rstrip('/')}/{pin.object_id}" if pin.place else pin.object_id


def place_of(pin: BlobPin) -> str:
    """Where the blob comes from, as one names it to a person."""
    match pin.provider:
        case BlobProvider.HTTPS:
            return downloads.shown(url_of(pin))
        case BlobProvider.STORE:
            return f"{object_requests.shown_store(pin.store)}/{pin.object_id}" if pin.store else pin.object_id
        case BlobProvider.LOCAL:
            return f"{pin.place}/{pin.object_id}"
        case BlobProvider.PYPI | BlobProvider.NONE:
            return pin.object_id
        case _:
            assert_never(pin.provider)
