"""director.edge.downloads.downloads, against a web server on loopback."""

from typing import BinaryIO

import pytest

from director.edge.downloads import downloads, http_requests
from director.edge.downloads.downloads import DownloadError, DownloadSettings
from tests.support.web import Answer, serving

SETTINGS = DownloadSettings(timeout_s=5.0, retry_delays_s=(0.0, 0.0), allows_loopback_http=True)


def _read(stream: BinaryIO) -> bytes:
    return stream.read()


def _failure(url: str, settings: DownloadSettings = SETTINGS) -> str:
    with pytest.raises(DownloadError) as caught:
        downloads.download(url, settings, _read)
    return str(caught.value)


def test_a_file_is_given_whole_also_after_a_redirect() -> None:
    body = b"body" * 100_000
    with serving({"/a": [Answer(status=302, location="{url}/b")], "/b": [Answer(body=body)]}) as web:
        assert downloads.download(f"{web.url}/a", SETTINGS, _read) == body
        assert web.asked == ["/a", "/b"]


def test_what_may_pass_is_tried_again_from_the_start() -> None:
    answers = [Answer(status=503), Answer(body=b"half", length=8), Answer(body=b"whole...")]
    with serving({"/a": answers}) as web:
        assert downloads.download(f"{web.url}/a", SETTINGS, _read) == b"whole..."
        assert web.asked == ["/a"] * 3


def test_what_does_not_pass_fails_in_the_end() -> None:
    with serving({"/a": [Answer(body=b"half", length=8)]}) as web:
        assert "stopped 4 bytes before its end" in _failure(f"{web.url}/a")
        assert web.asked == ["/a"] * 3


def test_what_is_not_there_is_not_asked_for_twice() -> None:
    with serving({}) as web:
        assert _failure(f"{web.url}/a").endswith("/a answered 404 Not Found")
        assert web.asked == ["/a"]


def test_a_server_that_is_not_there_is_told() -> None:
    with serving({}) as web:
        url = web.url
    assert "Connection refused" in _failure(f"{url}/a")


@pytest.mark.parametrize(
    "url", ["http://example.com/a", "file:///etc/passwd", "ftp://example.com/a", "https:///a", "a"]
)
def test_only_https_is_asked(url: str) -> None:
    assert _failure(url).endswith("does not begin with https://")


def test_loopback_needs_to_be_allowed() -> None:
    with serving({"/a": [Answer(body=b"x")]}) as web:
        assert "does not begin with https://" in _failure(f"{web.url}/a", DownloadSettings())
        assert web.asked == []


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://192.0.2.1/b", "does not begin with https://"),
        ("file:///etc/passwd", "is not allowed"),
        ("ftp://192.0.2.1/b", "unknown url type: ftp"),
    ],
)
def test_a_redirect_leads_to_nothing_else(location: str, why: str) -> None:
    with serving({"/a": [Answer(status=302, location=location)]}) as web:
        assert why in _failure(f"{web.url}/a")
        assert set(web.asked) == {"/a"}


def test_a_proxy_on_the_way_is_named_without_its_password() -> None:
    proxies = {"https": "http://user:word@proxy.example.org:3128"}
    url = "https://downloads.example.org/a"
    assert http_requests.through(url, proxies) == " through the proxy proxy.example.org:3128"
    assert http_requests.through(url, {"http": "http://proxy.example.org"}) == http_requests.through(url, {}) == ""


def test_no_credentials_are_shown() -> None:
    assert downloads.shown("https://user:word@host/path?token=secret#x") == "https://host/path"
    with serving({}) as web:
        assert "word" not in _failure(web.url.replace("//", "//user:word@") + "/a?token=word")
