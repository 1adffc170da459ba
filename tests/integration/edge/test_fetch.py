"""director.edge.releases.fetch."""

import hashlib
import io
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from director.edge.blobs.blobs_dir import BlobsDir
from director.edge.downloads.downloads import DownloadSettings
from director.edge.downloads.pip_download import PipSettings
from director.edge.releases.fetch import Fetcher, FetchSettings, Refusals
from director.errors import InputError
from director.model.ids import Digest
from director.model.releases.multi_digest import SingleDigest
from director.model.releases.release import ReleaseReference
from director.model.releases.release_files import BlobPin, BlobProvider
from tests.support.web import Answer, serving

CONTENT = b"blob " * 1000
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SHA1 = hashlib.sha1(CONTENT).hexdigest()
DIGEST = Digest(f"sha256:{SHA256}")
PIP_THAT_COUNTS = """\
#!/bin/sh
echo called >> "$COUNTER"
for word in "$@"; do case "$word" in --dest=*) to="${word#--dest=}";; esac; done
cp "$SOURCE" "$to/tiny-1.tar.gz"
"""
FETCH = """
import os, pathlib, sys
from director.edge.blobs.blobs_dir import BlobsDir
from tests.integration.edge import test_fetch
home = pathlib.Path(sys.argv[1])
settings = test_fetch.settings_of(python=str(home / "pip"), COUNTER=str(home / "counter"), SOURCE=str(home / "source"))
fetcher = test_fetch.Fetcher(home / "releases", BlobsDir(home / "blobs"), settings)
print(fetcher.fetch_pins([test_fetch.pin_of(test_fetch.BlobProvider.PYPI, "pypi:tiny/1/tiny-1.tar.gz")], home))
"""


def settings_of(python: str = sys.executable, **environment: str) -> FetchSettings:
    return FetchSettings(
        pip=PipSettings(python=python, environment={"PATH": os.defpath, **environment}),
        downloads=DownloadSettings(timeout_s=5.0, retry_delays_s=(0.0,), allows_loopback_http=True),
    )


def pin_of(provider: BlobProvider, object_id: str, *, place: str = "", digest: str = f"sha256:{SHA256}") -> BlobPin:
    algorithm, _, value = digest.partition(":")
    return BlobPin(
        path="app/blob",
        provider=provider,
        place=place,
        object_id=object_id,
        size=len(CONTENT),
        digest=SingleDigest(algorithm=algorithm, value=value),
        where="rel/config/blobs.yml:2:1",
    )


def _reference(url: str) -> ReleaseReference:
    return ReleaseReference(name="a", version="1", url=url)


def _fetcher(home: Path) -> tuple[Fetcher, BlobsDir]:
    store = BlobsDir(home / "blobs")
    return Fetcher(home / "releases", store, settings_of()), store


def _failure(home: Path, pin: BlobPin) -> tuple[str, str]:
    fetcher, _ = _fetcher(home)
    with pytest.raises(InputError) as caught:
        fetcher.fetch_pins([pin], home)
    assert (caught.value.where, bool(caught.value.fix)) == ("rel/config/blobs.yml:2:1", True)
    return caught.value.code, caught.value.why


def _blobs(home: Path) -> list[Path]:
    return [path for path in (home / "blobs" / "sha256").rglob("*") if path.is_file()]


@pytest.mark.parametrize("digest", [f"sha256:{SHA256}", f"sha1:{SHA1}"])
@pytest.mark.parametrize("place", ["store", "{home}/store"])
def test_a_local_blob_is_fetched_by_its_object_id(tmp_path: Path, place: str, digest: str) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "77-id").write_bytes(CONTENT)
    fetcher, store = _fetcher(tmp_path)
    pin = pin_of(BlobProvider.LOCAL, "77-id", place=place.format(home=tmp_path), digest=digest)
    assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}
    (tmp_path / "store" / "77-id").unlink()
    assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}
    assert store.has_blob(DIGEST)


def test_an_https_blob_is_fetched_below_its_place_or_by_its_own_url(tmp_path: Path) -> None:
    with serving({"/store/77": [Answer(body=CONTENT)]}) as web:
        fetcher, _ = _fetcher(tmp_path)
        pin = pin_of(BlobProvider.HTTPS, "77", place=f"{web.url}/store/")
        assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}
        assert fetcher.fetch_pins([pin], tmp_path) == {"app/blob": DIGEST}
        assert web.asked == ["/store/77"]
        other, _ = _fetcher(tmp_path / "other")
        assert other.fetch_pins([pin_of(BlobProvider.HTTPS, f"{web.url}/store/77")], tmp_path) == {"app/blob": DIGEST}


def test_what_is_not_what_was_pinned_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "77").write_bytes(b"something else")
    other = hashlib.sha256(b"something else").hexdigest()
    assert _failure(tmp_path, pin_of(BlobProvider.LOCAL, "77", place=str(tmp_path))) == (
        "blob-digest-mismatch",
        f"Expected sha256:{SHA256}, got sha256:{other}. The download was discarded.",
    )
    assert _blobs(tmp_path) == []


@pytest.mark.parametrize(
    ("provider", "place", "object_id", "why"),
    [
        (BlobProvider.LOCAL, "none", "77", "No such file or directory"),
        (BlobProvider.LOCAL, "none", "../../etc/passwd", "is not an object id"),
        (BlobProvider.LOCAL, "none", "/etc/passwd", "is not an object id"),
        (BlobProvider.HTTPS, "http://192.0.2.1", "77", "does not begin with https://"),
        (BlobProvider.NONE, "Blobs of provider 'x' cannot be fetched", "77", "'x' cannot be fetched"),
        (BlobProvider.NONE, "s3", "", "never uploaded"),
    ],
)
def test_a_blob_that_cannot_be_had_says_why(
    tmp_path: Path, provider: BlobProvider, place: str, object_id: str, why: str
) -> None:
    code, reported = _failure(tmp_path, pin_of(provider, object_id, place=place))
    assert code == "blob-unavailable"
    assert why in reported


def test_a_damaged_blob_is_fetched_anew(tmp_path: Path) -> None:
    (tmp_path / "77").write_bytes(CONTENT)
    fetcher, store = _fetcher(tmp_path)
    pin = pin_of(BlobProvider.LOCAL, "77", place=str(tmp_path))
    fetcher.fetch_pins([pin], tmp_path)
    (blob,) = _blobs(tmp_path)
    blob.write_bytes(b"damage")
    fetcher.fetch_pins([pin], tmp_path)
    with store.open_blob(DIGEST) as stream:
        assert stream.read() == CONTENT


def test_several_processes_that_want_the_same_fetch_it_once(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(CONTENT)
    (tmp_path / "pip").write_text(PIP_THAT_COUNTS)
    (tmp_path / "pip").chmod(0o755)
    workers = [
        subprocess.Popen([sys.executable, "-c", FETCH, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [worker.communicate()[0] for worker in workers] == [f"{{'app/blob': '{DIGEST}'}}\n"] * 3
    assert (tmp_path / "counter").read_text() == "called\n"


def test_several_threads_that_want_the_same_download_it_once(tmp_path: Path) -> None:
    with serving({"/77": [Answer(body=CONTENT)]}) as web:
        fetcher, _ = _fetcher(tmp_path)
        pin = pin_of(BlobProvider.HTTPS, f"{web.url}/77")
        threads = [threading.Thread(target=fetcher.fetch_pins, args=([pin], tmp_path)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert web.asked == ["/77"]


def test_a_url_is_fetched_once_for_its_key(tmp_path: Path) -> None:
    refusals = Refusals("Release a/1", None, "m.yml:1:1")
    with serving({"/a": [Answer(body=CONTENT)]}) as web:
        fetcher, _ = _fetcher(tmp_path)
        assert fetcher.fetch_url(_reference(f"{web.url}/a"), "a 1", refusals) == DIGEST
        assert fetcher.fetch_url(_reference(f"{web.url}/a"), "a 1", refusals) == DIGEST
        assert web.asked == ["/a"]
        fetcher.fetch_url(_reference(f"{web.url}/a"), "a 2", refusals)
        assert web.asked == ["/a", "/a"]


@pytest.mark.parametrize(
    ("path", "code"), [("/a", "digest-mismatch"), ("/none", "release-unavailable"), ("/cut", "release-unavailable")]
)
def test_a_url_that_does_not_give_what_is_expected(tmp_path: Path, path: str, code: str) -> None:
    refusals = Refusals("Release a/1", SingleDigest(algorithm="sha1", value="a" * 40), "m.yml:1:1")
    with serving({"/a": [Answer(body=CONTENT)], "/cut": [Answer(body=b"x", length=9)]}) as web:
        fetcher, _ = _fetcher(tmp_path)
        with pytest.raises(InputError) as caught:
            fetcher.fetch_url(_reference(f"{web.url}{path}"), "a 1", refusals)
    assert (caught.value.code, caught.value.where) == (code, "m.yml:1:1")
    assert _blobs(tmp_path) == []


def test_a_stream_put_without_an_expectation_is_stored_as_it_comes(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path)
    assert Refusals("x", None, "").put(store, io.BytesIO(CONTENT)) == DIGEST
