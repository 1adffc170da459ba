"""Files downloaded by HTTPS, and by HTTP where a release's own blobstore asks for it.

Takes a URL, gives a stream that fails rather than end early, or the rest of a file that was begun.
"""

import contextlib
import importlib
import io
import ipaddress
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import BinaryIO, Protocol, TypeVar, cast

from cpi.contract.value_classes import dataclass

Result = TypeVar("Result")

_REQUESTS = "director.edge.downloads.http_requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadProgress:
    """How far a download is; `total` is None where the server does not say it."""

    label: str
    done: int
    total: int | None
    is_over: bool


def _drop(progress: DownloadProgress) -> None:
    """Nothing watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSettings:
    """How to download."""

    timeout_s: float = 60.0
    """Silence of the other side that counts as a failure."""
    retry_delays_s: tuple[float, ...] = (0.5, 2.0, 5.0)
    """Pauses before each further try."""
    allows_loopback_http: bool = False
    """Whether http:// to this very machine will do; for tests."""
    allows_http: bool = False
    """Whether http:// will do; for files whose digest is known, from a server that the release says has no TLS."""
    checks_certificate: bool = True
    """Whether the server must prove its name; a release may say that its own server cannot."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent to the URL's own server, never to where it redirects."""
    report: Callable[[DownloadProgress], None] = field(default=_drop, repr=False, compare=False)
    """Given how far each download is, from many threads."""


class DownloadError(Exception):
    """The file could not be had; says why, without credentials."""


class TemporaryDownloadError(DownloadError):
    """It may pass."""


class OutOfRangeError(DownloadError):
    """The file ends before the requested range; `total` is its size as the server says it, None if it does not."""

    def __init__(self, text: str, total: int | None) -> None:
        super().__init__(text)
        self.total = total


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A file from its byte `start` on; `total` is its whole size, None where the server does not say it.

    `validator` tells this content of the file from another: a strong ETag or the time of its last change, "" without.
    """

    stream: io.RawIOBase
    start: int
    total: int | None
    validator: str


def download(url: str, settings: DownloadSettings, take: Callable[[BinaryIO], Result]) -> Result:
    """Give the file to `take` as a stream, again from the start after a failure that may pass.

    Raises DownloadError, and what `take` raises.
    """
    check_url(url, settings)
    for delay_s in settings.retry_delays_s:
        try:
            return _requests().take_stream(url, settings, take)
        except TemporaryDownloadError:
            time.sleep(delay_s)
    return _requests().take_stream(url, settings, take)


def open_body(
    url: str, settings: DownloadSettings, *, start: int, validator: str, take: Callable[[Body], Result]
) -> Result:
    """Give the file from its byte `start` on to `take`, or all of it where the server does not continue it.

    With a validator it is continued only while the content is the same. Tried once. Raises DownloadError.
    """
    return _requests().take_body(url, settings, start=start, validator=validator, take=take)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswer:
    """A short answer; `location` is where it redirects, which is not followed."""

    status: int
    location: str
    content: bytes = field(repr=False)


def ask(url: str, settings: DownloadSettings, *, headers: Mapping[str, str], body: bytes | None) -> ServerAnswer:
    """Send a GET, or with a body a POST; tried again after a failure that may pass. Raises DownloadError."""
    check_url(url, settings)
    for delay_s in settings.retry_delays_s:
        with contextlib.suppress(TemporaryDownloadError):
            answer = _requests().send_request(url, settings, headers=headers, body=body)
            if answer.status < 500:
                return answer
        time.sleep(delay_s)
    return _requests().send_request(url, settings, headers=headers, body=body)


def probe(url: str, settings: DownloadSettings) -> None:
    """See that the server would give the file, and take none of it. Raises DownloadError."""
    download(url, settings, lambda _: None)


def check_url(url: str, settings: DownloadSettings) -> None:
    """See that the URL may be asked at all. Raises DownloadError."""
    parts = split_url(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and (
        settings.allows_http or (settings.allows_loopback_http and _is_loopback(parts.hostname or ""))
    ):
        return
    raise DownloadError(f"{shown(url)} does not begin with https://")


def split_url(url: str) -> urllib.parse.SplitResult:
    """Its parts, a port that is a number among them. Raises DownloadError for what is no URL."""
    try:
        parts = urllib.parse.urlsplit(url)
        parts.port  # noqa: B018  # reading it checks it
    except ValueError as error:
        raise DownloadError(f"{shown(url)} is not a URL: {error}") from error
    return parts


def shown(url: str) -> str:
    """The URL without what may be secret in it: user, password, query."""
    try:
        parts = urllib.parse.urlsplit(url)
    except ValueError:  # no URL: what it may hold is not known
        return f"{url.partition('://')[0]}://..."
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


class _HttpRequests(Protocol):
    """What http_requests offers."""

    def take_stream(self, url: str, settings: DownloadSettings, take: Callable[[BinaryIO], Result]) -> Result: ...

    def take_body(
        self, url: str, settings: DownloadSettings, *, start: int, validator: str, take: Callable[[Body], Result]
    ) -> Result: ...

    def send_request(
        self, url: str, settings: DownloadSettings, *, headers: Mapping[str, str], body: bytes | None
    ) -> ServerAnswer: ...


def _requests() -> _HttpRequests:
    """Imported with the first request: TLS takes long to import, and most plans download nothing."""
    return cast(_HttpRequests, importlib.import_module(_REQUESTS))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
