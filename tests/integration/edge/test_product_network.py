"""Files of a product network: the token, the EULA, the file by its name, its digest, and a download that continues."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.releases.fetch import Fetcher, Refusals
from director.errors import InputError
from director.model.releases.release import ReleaseReference
from tests.integration.edge import test_fetch
from tests.support import product_network
from tests.support.product_network import OLD_TOKEN, REFRESH_TOKEN, Network

CONTENT = bytes(range(256)) * 20_000
SHA256 = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
REFERENCE = ReleaseReference(name="redis", version="3.5.0", url="pivnet://p-redis/3.5.0/redis-*.tgz", where="index.yml")
FILES = {"redis-3.5.0.tgz": CONTENT, "notes.pdf": b"notes", "tile.pivotal": b"tile"}


@pytest.fixture
def network() -> Iterator[Network]:
    with product_network.serving(FILES) as served:
        yield served


def fetch(home: Path, network: Network, *, reference: ReleaseReference = REFERENCE, token: str = REFRESH_TOKEN) -> str:
    variables = {"PIVNET_ENDPOINT": network.url, **({"PIVNET_TOKEN": token} if token else {})}
    fetcher = Fetcher(home / "releases", BlobsDir(home / "blobs"), test_fetch.settings_of(**variables))
    return str(fetcher.fetch_url(reference, "key", Refusals("Release redis/3.5.0", None, "index.yml")))


def refusal(
    home: Path, network: Network, *, reference: ReleaseReference = REFERENCE, token: str = REFRESH_TOKEN
) -> str:
    with pytest.raises(InputError) as caught:
        fetch(home, network, reference=reference, token=token)
    assert caught.value.where == "index.yml"
    assert not token or token not in str(caught.value)
    return caught.value.code


def test_a_file_is_had_once_the_eula_is_accepted_and_only_by_the_users_word(tmp_path: Path, network: Network) -> None:
    assert refusal(tmp_path, network) == "pivnet-eula-not-accepted"
    assert not network.is_eula_accepted
    assert fetch(tmp_path, network, reference=replace(REFERENCE, accepts_eula=True)) == SHA256
    before = len(network.asked)
    assert fetch(tmp_path, network, token="") == SHA256
    assert len(network.asked) == before, "what the home has is not looked for"
    assert fetch(tmp_path / "other", network, token=f"{OLD_TOKEN}\n") == SHA256


def test_a_download_that_was_cut_off_continues_by_a_new_address(tmp_path: Path, network: Network) -> None:
    network.is_eula_accepted, network.cut_at = True, 3_000_000
    assert refusal(tmp_path, network) == "release-unavailable"
    network.cut_at = None
    network.asked.clear()
    assert fetch(tmp_path, network) == SHA256
    assert network.asked[-2:] == [
        "POST /api/v2/products/p-redis/releases/35/product_files/0/download",
        "GET /signed/redis-3.5.0.tgz",
    ]


def test_another_file_than_the_network_says_is_refused(tmp_path: Path, network: Network) -> None:
    network.is_eula_accepted, network.sha256 = True, "0" * 64
    assert refusal(tmp_path, network) == "digest-mismatch"


@pytest.mark.parametrize(
    ("url", "token", "code"),
    [
        (REFERENCE.url, "", "pivnet-token-missing"),
        (REFERENCE.url, "wrong-token-that-is-long-enough", "pivnet-token-refused"),
        (REFERENCE.url, "wrong", "pivnet-token-refused"),
        (REFERENCE.url, "a\nb: c", "pivnet-token-refused"),
        ("pivnet://p-redis/3.5.0", REFRESH_TOKEN, "pivnet-url-wrong"),
        ("pivnet://p-redis/9/redis-*.tgz", REFRESH_TOKEN, "pivnet-file-unknown"),
        ("pivnet://p-nothing/3.5.0/redis-*.tgz", REFRESH_TOKEN, "pivnet-file-unknown"),
        ("pivnet://p-redis/3.5.0/*", REFRESH_TOKEN, "pivnet-file-unknown"),
        ("pivnet://p-redis/3.5.0/mysql.tgz", REFRESH_TOKEN, "pivnet-file-unknown"),
    ],
)
def test_what_the_network_refuses_is_named(url: str, token: str, code: str, tmp_path: Path, network: Network) -> None:
    assert refusal(tmp_path, network, reference=replace(REFERENCE, url=url), token=token) == code
