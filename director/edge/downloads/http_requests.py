"""Requests over HTTP and TLS, each tried once.

Takes a URL, gives its answer: a stream that fails rather than end early, a body from a byte on, or a short answer.
"""

import http
import http.client
import io
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from types import MappingProxyType
from typing import BinaryIO, TypeVar

from director.edge.downloads.downloads import (
    Body,
    DownloadError,
    DownloadSettings,
    OutOfRangeError,
    ServerAnswer,
    TemporaryDownloadError,
    check_url,
    shown,
)

Result = TypeVar("Result")

_LONGEST_VALIDATOR = 200
_MOST_ANSWER_BYTES = 8 << 20
_RANGE = re.compile(r"bytes (?P<first>\d{1,19})-\d{1,19}/(?P<total>\d{1,19}|\*)")


def take_stream(url: str, settings: DownloadSettings, take: Callable[[BinaryIO], Result]) -> Result:
    """Give the file to `take` as a stream. Raises DownloadError, and what `take` raises."""
    return _try(url, settings, lambda response: take(_stream(response, url)))


def take_body(
    url: str, settings: DownloadSettings, *, start: int, validator: str, take: Callable[[Body], Result]
) -> Result:
    """Give the file from its byte `start` on to `take`, or all of it where the server does not continue it."""
    headers = {"Range": f"bytes={start}-", **({"If-Range": validator} if validator else {})} if start else {}
    return _try(url, settings, lambda response: take(_body(response, url, start)), headers=headers)


def send_request(
    url: str, settings: DownloadSettings, *, headers: Mapping[str, str], body: bytes | None
) -> ServerAnswer:
    """Send a GET, or with a body a POST. Raises DownloadError."""
    request = urllib.request.Request(url, data=body, headers=dict(headers))  # noqa: S310  # the opener knows no other
    opener = _opener(settings, is_following=False)
    with _explained(url), opener.open(request, timeout=settings.timeout_s) as response:
        content = response.read(_MOST_ANSWER_BYTES + 1)
    if len(content) > _MOST_ANSWER_BYTES:
        raise DownloadError(f"{shown(url)} answered with more than {_MOST_ANSWER_BYTES} bytes")
    location = response.headers.get("Location", "")
    return ServerAnswer(status=response.status, location=location, content=content)


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
