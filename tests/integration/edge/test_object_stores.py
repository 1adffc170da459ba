"""Blobs of S3, Google Cloud Storage and WebDAV, fetched from servers on loopback."""

import base64
import hashlib
import json
import urllib.parse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.downloads import object_requests
from director.edge.releases.fetch import Fetcher
from director.errors import Problems
from director.model.releases.object_stores import CredentialSource, DavStore, GcsBucket, ObjectStore, S3Bucket
from director.model.releases.release_files import BlobPin, BlobProvider
from tests.integration.edge.test_fetch import CONTENT, DIGEST, SHA1, SHA256, pin_of, settings_of
from tests.support import object_server
from tests.support.object_server import ObjectServer

STATIC = CredentialSource.STATIC


@pytest.fixture(name="server")
def _server() -> Iterator[ObjectServer]:
    with object_server.serving() as server:
        yield server


def _fetcher(home: Path, **environment: str) -> tuple[Fetcher, BlobsDir]:
    store = BlobsDir(home / "blobs")
    return Fetcher(home / "releases", store, settings_of(**environment)), store


def _pin(store: ObjectStore, digest: str = f"sha256:{SHA256}", object_id: str = "77") -> BlobPin:
    return replace(pin_of(BlobProvider.STORE, object_id, digest=digest), store=store)


def _s3(server: ObjectServer, **changes: object) -> S3Bucket:
    bucket = S3Bucket(name="releases", host="127.0.0.1", port=server.port, uses_tls=False)
    return replace(bucket, **changes)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("digest", [f"sha256:{SHA256}", f"sha1:{SHA1}"])
def test_an_s3_blob_is_fetched_without_credentials(tmp_path: Path, server: ObjectServer, digest: str) -> None:
    server.keep("/releases/77", CONTENT)
    fetcher, store = _fetcher(tmp_path)
    assert fetcher.pin_problems([_pin(_s3(server), digest)], tmp_path) == ()
    assert fetcher.fetch_pins([_pin(_s3(server), digest)], tmp_path) == {"app/blob": DIGEST}
    assert store.has_blob(DIGEST)


def test_an_s3_blob_lies_below_its_folder_and_its_id_is_encoded(tmp_path: Path, server: ObjectServer) -> None:
    server.keep("/releases/deep/folder/a%2Bb%20c", CONTENT)
    fetcher, _ = _fetcher(tmp_path)
    pin = _pin(_s3(server, folder="deep/folder"), object_id="a+b c")
    assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}


@pytest.mark.parametrize(("is_v2", "parameter"), [(False, "X-Amz-Signature"), (True, "Signature")])
def test_an_s3_blob_is_fetched_with_keys_and_no_message_shows_them(
    tmp_path: Path, server: ObjectServer, is_v2: bool, parameter: str
) -> None:
    bucket = _s3(server, credentials=STATIC, access_key_id="AKID", secret_access_key="hush", is_signed_v2=is_v2)
    fetcher, _ = _fetcher(tmp_path)
    (problem,) = fetcher.pin_problems([_pin(bucket)], tmp_path)
    assert problem.why == f"http://127.0.0.1:{server.port}/releases/77 answered 404 Not Found."
    server.keep("/releases/77", CONTENT, needs=parameter)
    assert fetcher.fetch_pins([_pin(bucket)], tmp_path) == {"app/blob": DIGEST}
    assert parameter in server.asked[-1] and "AKID" in server.asked[-1] and "hush" not in server.asked[-1]


def test_a_bucket_in_another_region_is_named_with_its_region(tmp_path: Path, server: ObjectServer) -> None:
    server.answer("/releases/77", 301, {"x-amz-bucket-region": "eu-central-1"})
    (problem,) = _fetcher(tmp_path)[0].pin_problems([_pin(_s3(server))], tmp_path)
    assert "answered 301 Moved Permanently; the bucket is in region 'eu-central-1'" in problem.why


@pytest.mark.parametrize(
    ("bucket", "url"),
    [
        (S3Bucket(name="b"), "https://s3.us-east-1.amazonaws.com/b/77"),
        (S3Bucket(name="b", region="eu-west-1"), "https://s3.eu-west-1.amazonaws.com/b/77"),
        (S3Bucket(name="b", region="cn-north-1"), "https://s3.cn-north-1.amazonaws.com.cn/b/77"),
        (S3Bucket(name="b", host="h", port=443, folder="f"), "https://h/b/f/77"),
        (S3Bucket(name="b", host="h", port=80, uses_tls=False), "http://h/b/77"),
        (S3Bucket(name="b", host="h", port=80), "https://h:80/b/77"),
        (S3Bucket(name="b", is_host_style=True), "https://b.s3.us-east-1.amazonaws.com/77"),
        (GcsBucket(name="b", credentials=CredentialSource.NONE), "https://storage.googleapis.com/b/77"),
        (DavStore(endpoint="https://d/x"), "https://d/x/d3/77"),
    ],
)
def test_the_address_of_an_object_is_that_of_the_bosh_cli(bucket: ObjectStore, url: str) -> None:
    (make,) = object_requests.object_requests(bucket, "77", {})
    assert (make().url, make().allows_http) == (url, url.startswith("http://"))


def test_a_google_blob_is_fetched_without_credentials_although_there_are_some(
    tmp_path: Path, server: ObjectServer
) -> None:
    server.keep("/releases/a%2F77", CONTENT)
    fetcher, _ = _fetcher(tmp_path, STORAGE_EMULATOR_HOST=f"127.0.0.1:{server.port}")
    bucket = GcsBucket(name="releases", credentials=STATIC, json_key="not read")
    assert fetcher.fetch_pins([_pin(bucket, object_id="a/77")], tmp_path) == {"app/blob": DIGEST}
    assert server.asked == ["/releases/a%2F77"]


@pytest.mark.parametrize("is_default", [False, True])
def test_a_private_google_blob_is_fetched_with_a_service_accounts_signature(
    tmp_path: Path, server: ObjectServer, is_default: bool
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    server.keep("/releases/77", CONTENT, needs="X-Goog-Signature")
    text = _key_file(key)
    (tmp_path / "key.json").write_text(text)
    host = f"127.0.0.1:{server.port}"
    environment = {"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")} if is_default else {}
    fetcher, _ = _fetcher(tmp_path, STORAGE_EMULATOR_HOST=host, **environment)
    bucket = GcsBucket(name="releases") if is_default else GcsBucket(name="releases", credentials=STATIC, json_key=text)
    assert fetcher.fetch_pins([_pin(bucket)], tmp_path) == {"app/blob": DIGEST}
    _check_google_signature(server.asked[-1], host, key.public_key())
    with pytest.raises(InvalidSignature):
        _check_google_signature(server.asked[-1].replace("/77?", "/78?"), host, key.public_key())


def test_a_key_file_that_is_none_is_a_reason(tmp_path: Path, server: ObjectServer) -> None:
    fetcher, _ = _fetcher(tmp_path, STORAGE_EMULATOR_HOST=server.url)
    pin = _pin(GcsBucket(name="b", credentials=STATIC, json_key='{"private_key": "hush"}'))
    (problem,) = fetcher.pin_problems([pin], tmp_path)
    assert problem.why == "`json_key` is not the key file of a service account."


def test_a_google_blob_under_a_customers_key_is_asked_for_with_the_key(tmp_path: Path, server: ObjectServer) -> None:
    server.keep("/releases/77", CONTENT)
    secret = base64.b64encode(b"k" * 32).decode()
    fetcher, _ = _fetcher(tmp_path, STORAGE_EMULATOR_HOST=server.url)
    pin = _pin(GcsBucket(name="releases", encryption_key=secret))
    assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}
    digest = base64.b64encode(hashlib.sha256(b"k" * 32).digest()).decode()
    assert [server.headers[-1][f"X-Goog-Encryption-{part}"] for part in ("Algorithm", "Key", "Key-Sha256")] == [
        "AES256", secret, digest,
    ]  # fmt: skip


def test_a_dav_blob_is_fetched_with_its_login_which_goes_to_no_other_server(
    tmp_path: Path, server: ObjectServer
) -> None:
    server.keep("/elsewhere", CONTENT)
    server.answer("/store/d3/77", 302, {"Location": "/elsewhere"})
    pin = _pin(DavStore(endpoint=f"{server.url}/store", user="u", password="hush"))
    fetcher, _ = _fetcher(tmp_path)
    assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}
    assert [headers.get("Authorization") for headers in server.headers] == ["Basic dTpodXNo", None]


def test_all_blobs_that_cannot_be_fetched_are_named_at_once_each_with_its_place(
    tmp_path: Path, server: ObjectServer
) -> None:
    server.answer("/releases/2", 403, {})
    server.keep("/releases/3", b"something else")
    wanted = [("1", "404 Not Found"), ("2", "403 Forbidden")]
    pins = [
        replace(_pin(_s3(server), f"sha256:{number * 64}", number), path=f"p{number}", where=f"blobs.yml:{number}:1")
        for number in ("1", "2", "3")
    ]
    found = _fetcher(tmp_path)[0].pin_problems(pins, tmp_path)
    assert [(problem.code, problem.where) for problem in found] == [
        ("blob-unavailable", f"blobs.yml:{number}:1") for number, _ in wanted
    ]
    assert all(why in problem.why for problem, (_, why) in zip(found, wanted, strict=True))
    with pytest.raises(Problems) as caught:
        _fetcher(tmp_path)[0].fetch_pins(pins, tmp_path)
    assert [problem.code for problem in caught.value.problems] == [
        "blob-unavailable", "blob-unavailable", "blob-digest-mismatch",
    ]  # fmt: skip


def test_a_store_that_is_not_there_is_a_reason(tmp_path: Path) -> None:
    pin = _pin(S3Bucket(name="b", host="127.0.0.1", port=1, uses_tls=False))
    (problem,) = _fetcher(tmp_path)[0].pin_problems([pin], tmp_path)
    assert "http://127.0.0.1:1/b/77 could not be read" in problem.why


def _key_file(key: rsa.RSAPrivateKey) -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    pem = key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
    return json.dumps({"type": "service_account", "client_email": "r@p.iam.example", "private_key": pem})


def _check_google_signature(asked: str, host: str, key: rsa.RSAPublicKey) -> None:
    """As the server checks it: made again from what was asked."""
    parts = urllib.parse.urlsplit(asked)
    query, _, signature = parts.query.partition("&X-Goog-Signature=")
    values = dict(urllib.parse.parse_qsl(query))
    canonical = f"GET\n{parts.path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    scope = values["X-Goog-Credential"].partition("/")[2]
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{values['X-Goog-Algorithm']}\n{values['X-Goog-Date']}\n{scope}\n{hashed}"
    key.verify(bytes.fromhex(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
    assert values["X-Goog-Credential"].startswith("r@p.iam.example/")
