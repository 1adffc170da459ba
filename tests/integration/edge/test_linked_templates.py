"""Linked templates by an address: downloaded once, bounded, checked where a digest is given."""

import hashlib
from collections.abc import Iterator

import pytest

from director.edge.downloads import linked_templates
from director.edge.downloads.downloads import DownloadSettings
from director.edge.downloads.linked_templates import LinkedTemplates
from director.errors import InputError
from tests.support import object_server
from tests.support.object_server import ObjectServer

CONTENT = b'{"resources": []}'


@pytest.fixture(name="server")
def _server() -> Iterator[ObjectServer]:
    with object_server.serving() as server:
        yield server


def _links() -> LinkedTemplates:
    return LinkedTemplates(DownloadSettings(timeout_s=5.0, retry_delays_s=(), allows_loopback_http=True))


def _failure(links: LinkedTemplates, address: str) -> InputError:
    with pytest.raises(InputError) as caught:
        links.read_template(address)
    return caught.value


def test_a_template_is_downloaded_once_and_its_digest_is_checked(server: ObjectServer) -> None:
    server.keep("/t.json", CONTENT)
    links, address = _links(), f"{server.url}/t.json?sig=hush"
    source = links.read_template(address)
    assert (source.content, source.name) == (CONTENT, f"{server.url}/t.json")
    assert links.read_template(f"{address}#sha256={hashlib.sha256(CONTENT).hexdigest()}") == source
    assert server.asked == ["/t.json?sig=hush"]
    error = _failure(links, f"{address}#sha256={'0' * 64}")
    assert (error.code, "hush" in f"{error.what}{error.why}") == ("digest-mismatch", False)


def test_what_cannot_be_had_or_is_too_much_is_refused(server: ObjectServer) -> None:
    links = _links()
    assert _failure(links, f"{server.url}/none?sig=hush").code == "template-link-unavailable"
    server.keep("/large", b" " * (linked_templates.MOST_BYTES + 1))
    assert _failure(links, f"{server.url}/large").why == "It has more than 4 MiB."
    server.keep("/t", CONTENT)
    for number in range(linked_templates.MOST_TEMPLATES):
        links.read_template(f"{server.url}/t?{number}")
    assert _failure(links, f"{server.url}/t?more").why == "More than 100 templates are linked by https://."


def test_only_https_is_asked() -> None:
    error = _failure(LinkedTemplates(), "http://127.0.0.1:1/t.json")
    assert error.why == "http://127.0.0.1:1/t.json does not begin with https://."
