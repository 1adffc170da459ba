"""Files downloaded by HTTPS, and by HTTP where a release's own blobstore asks for it.

Takes a URL, gives a stream that fails rather than end early; what may pass later was tried again before it fails.
"""

import http.client
import io
import ipaddress
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from functools import cache
from typing import BinaryIO, TypeVar

from cpi.contract.value_classes import dataclass

Result = TypeVar("Result")


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


class DownloadError(Exception):
    """The file could not be had; says why, without credentials."""


class _TransientError(DownloadError):
    """It may pass."""


def download(url: str, settings: DownloadSettings, take: Callable[[BinaryIO], Result]) -> Result:
    """Give the file to `take` as a stream, again from the start after a failure that may pass.

    Raises DownloadError, and what `take` raises.
    """
    check_url(url, settings)
    for delay_s in settings.retry_delays_s:
        try:
            return _try(url, settings, take)
        except _TransientError:
            time.sleep(delay_s)
    return _try(url, settings, take)


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


def _try(url: str, settings: DownloadSettings, take: Callable[[BinaryIO], Result]) -> Result:
    request = urllib.request.Request(url)  # noqa: S310  # the opener knows no other schemes than ours
    for name, value in settings.headers.items():
        request.add_unredirected_header(name, value)
    with _explained(url):
        response: http.client.HTTPResponse = _opener(settings).open(request, timeout=settings.timeout_s)
    with response:
        return take(io.BufferedReader(_WholeBody(response, url)))


@contextmanager
def _explained(url: str) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as error:
        kind = _TransientError if error.code >= 500 or error.code in (408, 429) else DownloadError
        error.close()
        region = error.headers.get("x-amz-bucket-region", "")
        elsewhere = (
            f"; the bucket is in region '{region}'" if region.isascii() and region.isprintable() and region else ""
        )
        raise kind(f"{shown(url)} answered {error.code} {error.reason}{elsewhere}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        way = through(url, urllib.request.getproxies())
        raise _TransientError(f"{shown(url)} could not be read{way}: {reason or type(error).__name__}") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _opener(settings: DownloadSettings) -> urllib.request.OpenerDirector:
    """Knows no other schemes than ours, so that no redirect leads to one."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPRedirectHandler(),
        urllib.request.HTTPErrorProcessor(),
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
        self._missing = int(response.headers.get("Content-Length") or -1)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        with _explained(self._url):
            data = self._response.read(len(buffer))
        if not data and self._missing > 0:
            raise _TransientError(f"{shown(self._url)} stopped {self._missing} bytes before its end")
        self._missing -= len(data)
        buffer[: len(data)] = data
        return len(data)
