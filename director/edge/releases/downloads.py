"""Files downloaded by HTTPS, and by HTTP where a release's own blobstore asks for it.

Takes a URL, gives a stream that fails rather than end early, or the rest of a file that was begun.
"""

import http.client
import io
import ipaddress
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from functools import cache
from types import MappingProxyType
from typing import BinaryIO, TypeVar

from cpi.contract.value_classes import dataclass

Result = TypeVar("Result")

_LONGEST_VALIDATOR = 200
_MOST_ANSWER_BYTES = 8 << 20
_RANGE = re.compile(r"bytes (?P<first>\d{1,19})-\d{1,19}/(?P<total>\d{1,19}|\*)")


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
            return _try(url, settings, lambda response: take(_stream(response, url)))
        except TemporaryDownloadError:
            time.sleep(delay_s)
    return _try(url, settings, lambda response: take(_stream(response, url)))


def open_body(
    url: str, settings: DownloadSettings, *, start: int, validator: str, take: Callable[[Body], Result]
) -> Result:
    """Give the file from its byte `start` on to `take`, or all of it where the server does not continue it.

    With a validator it is continued only while the content is the same. Tried once. Raises DownloadError.
    """
    headers = {"Range": f"bytes={start}-", **({"If-Range": validator} if validator else {})} if start else {}
    return _try(url, settings, lambda response: take(_body(response, url, start)), headers=headers)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAnswer:
    """A short answer; `location` is where it redirects, which is not followed."""

    status: int
    location: str
    content: bytes = field(repr=False)


def ask(url: str, settings: DownloadSettings, *, headers: Mapping[str, str], body: bytes | None) -> ServerAnswer:
    """Send a GET, or with a body a POST; tried again after a failure that may pass. Raises DownloadError."""
    check_url(url, settings)
    request = urllib.request.Request(url, data=body, headers=dict(headers))  # noqa: S310  # the opener knows no other
    opener = _opener(settings, is_following=False)
    for delay_s in (*settings.retry_delays_s, None):
        try:
            with _explained(url), opener.open(request, timeout=settings.timeout_s) as response:
                content = response.read(_MOST_ANSWER_BYTES + 1)
        except TemporaryDownloadError:
            if delay_s is None:
                raise
        else:
            if len(content) > _MOST_ANSWER_BYTES:
                raise DownloadError(f"{shown(url)} answered with more than {_MOST_ANSWER_BYTES} bytes")
            if response.status < 500 or delay_s is None:
                location = response.headers.get("Location", "")
                return ServerAnswer(status=response.status, location=location, content=content)
        time.sleep(delay_s)
    raise AssertionError("the last try returns or raises")


def probe(url: str, settings: DownloadSettings) -> None:
    """See that the server would give the file, and take none of it. Raises DownloadError."""
    download(url, settings, lambda _: None)


def check_url(url: str, settings: DownloadSettings) -> None:
    """See that the URL may be asked at all. Raises DownloadError."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and (
        settings.allows_http or (settings.allows_loopback_http and _is_loopback(parts.hostname or ""))
    ):
        return
    raise DownloadError(f"{shown(url)} does not begin with https://")


def shown(url: str) -> str:
    """The URL without what may be secret in it: user, password, query."""
    parts = urllib.parse.urlsplit(url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def through(url: str, proxies: Mapping[str, str]) -> str:
    """Names the proxy that a request for the URL takes, without its password."""
    parts = urllib.parse.urlsplit(url)
    proxy = proxies.get(parts.scheme, "")
    if not proxy or urllib.request.proxy_bypass(parts.hostname or ""):
        return ""
    return f" through the proxy {urllib.parse.urlsplit(proxy).netloc.rpartition('@')[2] or shown(proxy)}"


def _try(
    url: str,
    settings: DownloadSettings,
    take: Callable[[http.client.HTTPResponse], Result],
    *,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Result:
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310  # the opener knows no other schemes
    for name, value in settings.headers.items():
        request.add_unredirected_header(name, value)
    with _explained(url):
        response: http.client.HTTPResponse = _opener(settings).open(request, timeout=settings.timeout_s)
    with response:
        return take(response)


def _stream(response: http.client.HTTPResponse, url: str) -> BinaryIO:
    return io.BufferedReader(_WholeBody(response, url))


def _body(response: http.client.HTTPResponse, url: str, start: int) -> Body:
    """Where the server says that the body begins must be where it was asked to."""
    length = response.headers.get("Content-Length")
    etag = response.headers.get("ETag", "")
    written = etag if etag.startswith('"') else response.headers.get("Last-Modified", "")
    # It is sent back in a header.
    validator = written if written.isascii() and written.isprintable() and len(written) <= _LONGEST_VALIDATOR else ""
    stream = _WholeBody(response, url)  # without a buffer: what came before a failure is not lost in one
    if response.status != http.HTTPStatus.PARTIAL_CONTENT:
        return Body(stream=stream, start=0, total=_total(length), validator=validator)
    found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if not found or int(found["first"]) != start:
        raise DownloadError(f"{shown(url)} answered with another range than the requested one")
    return Body(stream=stream, start=start, total=_total(found["total"]), validator=validator)


def _total(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        if error.code == http.HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            error.close()
            total = error.headers.get("Content-Range", "").rpartition("/")[2]
            raise OutOfRangeError(f"{shown(url)} answered {error.code} {error.reason}", _total(total)) from error
        kind = TemporaryDownloadError if error.code >= 500 or error.code in (408, 429) else DownloadError
        error.close()
        region = error.headers.get("x-amz-bucket-region", "")
        elsewhere = (
            f"; the bucket is in region '{region}'" if region.isascii() and region.isprintable() and region else ""
        )
        raise kind(f"{shown(url)} answered {error.code} {error.reason}{elsewhere}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        way = through(url, urllib.request.getproxies())
        raise TemporaryDownloadError(
            f"{shown(url)} could not be read{way}: {reason or type(error).__name__}"
        ) from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _opener(settings: DownloadSettings, *, is_following: bool = True) -> urllib.request.OpenerDirector:
    """Knows no other schemes than ours, so that no redirect leads to one. Else answers come as they are."""
    following = (urllib.request.HTTPRedirectHandler(), urllib.request.HTTPErrorProcessor()) if is_following else ()
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        *following,
        urllib.request.HTTPSHandler(context=_tls_context(checks_certificate=settings.checks_certificate)),
        _CheckedHttp(settings),
    ):
        opener.add_handler(handler)
    return opener


@cache  # the certificates of this machine take as long to read as a small file takes to download
def _tls_context(*, checks_certificate: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not checks_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _CheckedHttp(urllib.request.HTTPHandler):
    """Plain HTTP, refused unless it may be used; redirects come here too."""

    def __init__(self, settings: DownloadSettings) -> None:
        super().__init__()
        self._settings = settings

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        check_url(req.full_url, self._settings)
        return super().http_open(req)


class _WholeBody(io.RawIOBase):
    """A response's body; ends only where its length says, and fails in our words."""

    def __init__(self, response: http.client.HTTPResponse, url: str) -> None:
        super().__init__()
        self._response = response
        self._url = url
        self._missing = _total(response.headers.get("Content-Length")) or -1

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        with _explained(self._url):
            data = self._response.read(len(buffer))
        if not data and self._missing > 0:
            raise TemporaryDownloadError(f"{shown(self._url)} stopped {self._missing} bytes before its end")
        self._missing -= len(data)
        buffer[: len(data)] = data
        return len(data)
