"""Releases and stemcells by the addresses of object stores and git repositories, from servers on loopback."""

import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.downloads import addressed_files
from director.edge.downloads.downloads import DownloadSettings
from director.edge.releases.fetch import Fetcher, Refusals
from director.edge.releases.git_program import read_git_url
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release import ReleaseReference
from director.model.releases.stemcell_tarball import StemcellPlace
from tests.integration.edge.test_fetch import CONTENT, DIGEST, SHA256, settings_of
from tests.support import object_server
from tests.support.object_server import ObjectServer
from tests.support.release_on_disk import shelf_of, write_final
from tests.support.stemcell_tarballs import write_stemcell


@pytest.fixture(name="server")
def _server() -> Iterator[ObjectServer]:
    with object_server.serving() as server:
        yield server


def _fetch(home: Path, url: str, environment: Mapping[str, str], *, is_checked: bool = True) -> Digest:
    fetcher = Fetcher(home / "releases", BlobsDir(home / "blobs"), settings_of(**environment))
    expected = SingleDigest(algorithm="sha256", value=SHA256) if is_checked else None
    reference = ReleaseReference(name="shop", version="1", url=url)
    return fetcher.fetch_url(reference, url, Refusals("Release shop/1", expected, "index.yml:1:1"))


def _why(home: Path, url: str) -> str:
    with pytest.raises(InputError) as caught:
        _fetch(home, url, {})
    assert (caught.value.code, caught.value.where) == ("release-unavailable", "index.yml:1:1")
    return caught.value.why


def test_an_object_of_s3_is_asked_for_without_credentials_first(tmp_path: Path, server: ObjectServer) -> None:
    server.keep("/releases/deep/a%20b.tgz", CONTENT)
    assert _fetch(tmp_path, "s3://releases/deep/a b.tgz", {"AWS_ENDPOINT_URL": server.url}) == DIGEST
    assert server.asked == ["/releases/deep/a%20b.tgz"]


def test_an_object_of_google_and_of_swift(tmp_path: Path, server: ObjectServer) -> None:
    server.keep("/releases/a%2Fb.tgz", CONTENT)
    assert _fetch(tmp_path, "gs://releases/a/b.tgz", {"STORAGE_EMULATOR_HOST": server.url}) == DIGEST
    server.keep("/v1/AUTH_p/releases/a/b.tgz", CONTENT)
    place = {"OS_STORAGE_URL": f"{server.url}/v1/AUTH_p", "OS_AUTH_TOKEN": "hush"}
    assert _fetch(tmp_path / "swift", "swift://releases/a/b.tgz", place) == DIGEST
    assert server.headers[-1]["X-Auth-Token"] == "hush"
    assert "OS_STORAGE_URL is not set: `swift auth` prints it" in _why(tmp_path, "swift://releases/none")


def test_without_tls_only_a_file_whose_digest_is_known_is_taken(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        place = {"OS_STORAGE_URL": "http://storage.example/v1/AUTH_p"}
        _fetch(tmp_path, "swift://releases/a", place, is_checked=False)
    assert "does not begin with https://" in caught.value.why


@pytest.mark.parametrize(
    ("url", "account", "count"),
    [
        ("https://shop.blob.core.invalid/releases/a.tgz", "shop", 2),
        ("https://shop.blob.core.invalid/releases/a.tgz", "other", 1),
        ("https://shop.blob.core.invalid/releases/a.tgz?sv=1", "shop", 1),
        ("https://shop.example.invalid/releases/a.tgz", "shop", 1),
        ("https://shop.blob.core.invalid@evil.invalid/a.tgz", "shop", 1),
    ],
)
def test_a_signature_for_an_azure_account_goes_to_that_account_alone(url: str, account: str, count: int) -> None:
    environment = {"AZURE_STORAGE_SAS_TOKEN": "?sig=hush", "AZURE_STORAGE_ACCOUNT": account}
    requests = [make() for make in addressed_files.requests_of(url, environment)]
    assert [request.url for request in requests] == [url, f"{url}?sig=hush"][:count]


def test_a_stemcell_comes_from_an_object_store_too(tmp_path: Path, server: ObjectServer) -> None:
    server.keep("/images/own.tgz", write_stemcell(tmp_path).read_bytes())
    settings = DownloadSettings(retry_delays_s=(), allows_loopback_http=True)
    tarballs = LocalStemcellTarballs(tmp_path / "home", settings, {"AWS_ENDPOINT_URL": server.url})
    with tarballs.unpack(StemcellPlace(place="s3://images/own.tgz", base="/")) as unpacked:
        assert unpacked.image_size == 0


def test_a_final_version_of_a_git_repository_is_a_release(tmp_path: Path) -> None:
    url = _committed(write_final(tmp_path / "shop").parents[2])
    shelf, store = shelf_of(tmp_path / "home")
    reference = ReleaseReference(name="shop", version="2", url=f"{url}@v2", where="index.yml:1:1")
    assert shelf.load_release(reference).version == "2"
    assert store.has_blob(Digest(shelf.pinned_digest(reference)))
    for wrong, code in (
        (ReleaseReference(name="shop", version="3", url=url), "final-release-missing"),
        (ReleaseReference(name="shop", version="2", url=f"{url}@v9"), "git-clone-failed"),
        (ReleaseReference(name="shop", version="2", url=url, digest=f"sha256:{'0' * 64}"), "digest-mismatch"),
    ):
        with pytest.raises(InputError) as caught:
            shelf.load_release(wrong)
        assert caught.value.code == code


@pytest.mark.parametrize(
    "url", ["https://[::1/a.tgz", "https://u:hush@h:port/a.tgz", "https://h:99999/a.tgz", "https://h/\u00fc b.tgz"]
)
def test_what_is_no_url_is_refused_without_what_may_be_secret(tmp_path: Path, url: str) -> None:
    why = _why(tmp_path, url)
    assert why and "hush" not in why


def test_the_place_of_a_store_that_is_no_url_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _fetch(tmp_path, "s3://releases/a.tgz", {"AWS_ENDPOINT_URL": "http://[::1"})
    assert caught.value.code == "release-unavailable"


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("https://h/a/b", ("https://h/a/b", "")),
        ("https://h/a/b@v1", ("https://h/a/b", "v1")),
        ("https://u:p@h/a/b@feature/x", ("https://u:p@h/a/b", "feature/x")),
        ("ssh://git@h/a/b", ("ssh://git@h/a/b", "")),
        ("git@h:a/b", ("git@h:a/b", "")),
    ],
)
def test_the_ref_of_a_repository(url: str, read: tuple[str, str]) -> None:
    assert read_git_url(url) == read


def _committed(directory: Path) -> str:
    git = ["git", "-C", str(directory), "-c", "user.name=me", "-c", "user.email=me@example.com"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"], ["tag", "v2"]):
        subprocess.run([*git, *words], check=True)
    return f"git+file://{directory}"
