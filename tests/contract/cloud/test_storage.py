"""What every cloud with object storage promises of it."""

import hashlib
import io
import os
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from ssl import create_default_context

import pytest

from cpi.contract.cloud import Storage
from cpi.contract.errors import NotFoundError
from cpi.contract.values import SignedUrl
from tests.contract.cloud.subjects import ENVIRONMENT, Subject

CONTENT = os.urandom(70_000)
NAME = f"sha256/{hashlib.sha256(CONTENT).hexdigest()}"
_HEADERS = {"Content-Type": "application/octet-stream", "x-ms-blob-type": "BlockBlob"}
"""Without the second, Azure accepts no blob from any writer; others ignore it."""


def test_a_blob_is_put_once(storage: Storage) -> None:
    storage.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    unread = io.BytesIO(b"is not read")
    storage.put_blob(NAME, unread, size=len(CONTENT))
    assert unread.tell() == 0


def test_half_a_blob_is_made_whole(storage: Storage, readable: Storage) -> None:
    storage.put_blob(NAME, io.BytesIO(CONTENT[:5]), size=5)
    storage.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    assert _get(readable.sign_url(NAME, valid_s=60)) == CONTENT


def test_blobs_are_listed_with_their_sizes_and_deleted_one_by_one(storage: Storage) -> None:
    other = f"sha256/{'1' * 64}"
    for name in (NAME, other):  # of the tests before, where all of a cloud's tests share its storage
        storage.delete_blob(name)
    before = _listed(storage, lambda blobs: not {NAME, other} & set(blobs))
    storage.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    storage.put_blob(other, io.BytesIO(b"12345"), size=5)
    _listed(storage, lambda blobs: blobs == {**before, NAME: len(CONTENT), other: 5})
    storage.delete_blob(NAME)
    storage.delete_blob(NAME)
    _listed(storage, lambda blobs: blobs == {**before, other: 5})


def _listed(storage: Storage, is_expected: Callable[[Mapping[str, int]], bool]) -> Mapping[str, int]:
    """What is listed, once it is as expected: Swift's listings follow its objects within seconds."""
    deadline = time.monotonic() + 30
    while not is_expected(blobs := storage.list_blobs()):
        assert time.monotonic() < deadline, blobs
        time.sleep(0.2)
    return blobs


def test_whoever_has_the_signed_url_reads_it(readable: Storage) -> None:
    readable.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    assert _get(readable.sign_url(NAME, valid_s=60)) == CONTENT


def test_nobody_reads_it_without(readable: Storage) -> None:
    readable.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    signed = readable.sign_url(NAME, valid_s=60)
    bare = urllib.parse.urlsplit(signed.url)._replace(query="").geturl()
    assert _refusal(SignedUrl(url=bare, ca=signed.ca)) in (401, 403, 404, 409)


def test_a_signature_is_for_one_blob(readable: Storage) -> None:
    other = f"sha256/{'0' * 64}"
    for name in (NAME, other):
        readable.put_blob(name, io.BytesIO(CONTENT), size=len(CONTENT))
    signed = readable.sign_url(NAME, valid_s=60)
    assert _refusal(SignedUrl(url=signed.url.replace(NAME, other), ca=signed.ca)) in (401, 403)


def test_a_signature_is_for_reading(readable: Storage) -> None:
    readable.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    for method in ("DELETE", "PUT"):
        assert _refusal(readable.sign_url(NAME, valid_s=60), method=method) in (401, 403)
    assert _get(readable.sign_url(NAME, valid_s=60)) == CONTENT


def test_a_signature_ends(readable: Storage) -> None:
    readable.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    signed = readable.sign_url(NAME, valid_s=1)
    time.sleep(2.1)
    assert _refusal(signed) in (401, 403)


def test_a_signed_url_is_not_shown(readable: Storage) -> None:
    signed = readable.sign_url(NAME, valid_s=60)
    assert urllib.parse.urlsplit(signed.url).query
    assert signed.url not in repr(signed)


def test_blobs_go_with_the_storage(subject: Subject, storage: Storage) -> None:
    storage.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    found = next(one for one in subject.landing.find_landing_resources(ENVIRONMENT) if one.kind == storage.kind)
    subject.landing.delete_landing_resource(found.cid)
    assert found.cid not in {one.cid for one in subject.landing.find_landing_resources(ENVIRONMENT)}
    with pytest.raises(NotFoundError):
        storage.put_blob(NAME, io.BytesIO(CONTENT), size=len(CONTENT))
    assert storage.list_blobs() == {}
    storage.delete_blob(NAME)


@pytest.fixture
def storage(subject: Subject) -> Storage:
    """The cloud's object storage."""
    if subject.connected.storage is None:
        pytest.skip(subject.unstored)
    return subject.connected.storage


@pytest.fixture
def readable(storage: Storage) -> Storage:
    """The same, where its URLs lead somewhere."""
    if storage.sign_url(NAME, valid_s=60).url.startswith("memory:"):
        pytest.skip("URLs of the memory cloud are for whoever plays a VM")
    return storage


def _get(signed: SignedUrl, *, method: str = "GET") -> bytes:
    context = create_default_context(cadata=signed.ca or None)
    content_to_be = b"other" if method == "PUT" else None
    request = urllib.request.Request(signed.url, data=content_to_be, headers=_HEADERS, method=method)
    with urllib.request.urlopen(request, timeout=20, context=context) as answer:
        content: bytes = answer.read()
    return content


def _refusal(signed: SignedUrl, *, method: str = "GET") -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(signed, method=method)
    refused.value.close()
    return refused.value.code
