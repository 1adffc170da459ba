"""Blobs of a bucket on moto, an emulator of S3: without credentials, with keys, with those of the environment."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.releases.fetch import Fetcher, Refusals
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.object_stores import CredentialSource, S3Bucket
from director.model.releases.release import ReleaseReference
from director.model.releases.release_files import BlobProvider
from tests.integration.edge.test_fetch import CONTENT, DIGEST, SHA1, pin_of, settings_of

FETCH = """
import pathlib, sys
from tests.integration.edge import test_s3_blobs
print(test_s3_blobs.fetch(pathlib.Path(sys.argv[1]), int(sys.argv[2]), test_s3_blobs.CredentialSource.ENVIRONMENT))
"""


_SOURCE = ", test_s3_blobs.CredentialSource.ENVIRONMENT"


@pytest.fixture(name="port", scope="module")
def _port() -> Iterator[int]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    url = f"http://127.0.0.1:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="id", aws_secret_access_key="secret"
    )
    client.create_bucket(Bucket="releases")
    client.put_object(Bucket="releases", Key="private/77", Body=CONTENT)
    client.put_object(Bucket="releases", Key="public/77", Body=CONTENT, ACL="public-read")
    yield port
    server.stop()


def fetch(home: Path, port: int, credentials: CredentialSource) -> object:
    """Fetch the blob into a home of its own; without credentials the public one."""
    folder = "public" if credentials is CredentialSource.NONE else "private"
    bucket = S3Bucket(
        name="releases", folder=folder, host="127.0.0.1", port=port, uses_tls=False, credentials=credentials
    )
    if credentials is CredentialSource.STATIC:
        bucket = replace(bucket, access_key_id="id", secret_access_key="secret")
    pin = replace(pin_of(BlobProvider.STORE, "77", digest=f"sha1:{SHA1}"), store=bucket)
    fetcher = Fetcher(home / "releases", BlobsDir(home / "blobs"), settings_of())
    problems = fetcher.pin_problems([pin], home)
    assert problems == (), [problem.why for problem in problems]
    return fetcher.fetch_pins([pin], home)


def fetch_address(home: Path, port: int) -> object:
    """Fetch a release by the bucket's address into a home of its own."""
    fetcher = Fetcher(
        home / "releases", BlobsDir(home / "blobs"), settings_of(AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}")
    )
    expected = SingleDigest(algorithm="sha1", value=SHA1)
    reference = ReleaseReference(name="shop", version="1", url="s3://releases/private/77")
    return fetcher.fetch_url(reference, "shop", Refusals("Release shop/1", expected, "index.yml"))


@pytest.mark.parametrize("credentials", [CredentialSource.NONE, CredentialSource.STATIC])
def test_a_blob_is_fetched_from_a_bucket(tmp_path: Path, port: int, credentials: CredentialSource) -> None:
    assert fetch(tmp_path, port, credentials) == {"app/blob": DIGEST}


def test_a_blob_that_is_not_public_is_reported_without_credentials(tmp_path: Path, port: int) -> None:
    bucket = S3Bucket(name="releases", folder="private", host="127.0.0.1", port=port, uses_tls=False)
    fetcher = Fetcher(tmp_path / "releases", BlobsDir(tmp_path / "blobs"), settings_of())
    (problem,) = fetcher.pin_problems([replace(pin_of(BlobProvider.STORE, "77"), store=bucket)], tmp_path)
    assert problem.why == f"http://127.0.0.1:{port}/releases/private/77 answered 403 FORBIDDEN."


def test_a_blob_is_fetched_with_the_environments_credentials_or_reported_without(tmp_path: Path, port: int) -> None:
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
    keys = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
    words = [sys.executable, "-c", FETCH, str(tmp_path), str(port)]
    without = subprocess.run(words, env=clean, capture_output=True, text=True, check=False)
    assert "neither the environment nor a profile has any" in without.stderr
    found = subprocess.run(words, env={**clean, **keys}, capture_output=True, text=True, check=True)
    assert found.stdout == f"{ {'app/blob': DIGEST} }\n"
    by_address = [
        word.replace("test_s3_blobs.fetch(", "test_s3_blobs.fetch_address(").replace(_SOURCE, "") for word in words
    ]
    found = subprocess.run(by_address, env={**clean, **keys}, capture_output=True, text=True, check=True)
    assert found.stdout == f"{DIGEST}\n"
