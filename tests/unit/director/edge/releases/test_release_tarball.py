"""director.edge.releases.releases and release_tarball: tarballs, on disk and by URL."""

import gzip
import hashlib
import random
import tracemalloc
from pathlib import Path

import pytest

from director.errors import InputError
from director.model.releases.release import PackageSource, ReleaseReference
from tests.support.release_on_disk import members_of, release_tarball, shelf_of, tgz
from tests.support.web import Answer, serving

GOOD = release_tarball()
SHA1 = hashlib.sha1(GOOD).hexdigest()


def _reference(url: str, *, name: str = "shop", version: str = "1.2", digest: str = "") -> ReleaseReference:
    return ReleaseReference(name=name, version=version, url=url, digest=digest, where="m.yml:4:3")


def _source(reference: ReleaseReference) -> PackageSource:
    return PackageSource(reference=reference, package="app", fingerprint="f2", architecture="x86_64")


def _written(folder: Path, content: bytes = GOOD) -> str:
    (folder / "r.tgz").write_bytes(content)
    return str(folder / "r.tgz")


def _failure(tmp_path: Path, reference: ReleaseReference) -> str:
    shelf, _ = shelf_of(tmp_path / "home")
    with pytest.raises(InputError) as caught:
        shelf.load_release(reference)
    assert caught.value.fix
    return caught.value.code


@pytest.mark.parametrize("digest", ["", SHA1, f"{'a' * 40};sha256:{hashlib.sha256(GOOD).hexdigest()}"])
@pytest.mark.parametrize("version", ["1.2", "latest"])
def test_a_tarball_is_read_and_its_packages_packed(tmp_path: Path, digest: str, version: str) -> None:
    shelf, store = shelf_of(tmp_path / "home")
    reference = _reference("file://" + _written(tmp_path), digest=digest, version=version)
    release = shelf.load_release(reference)
    assert (release.version, release.jobs[0].fingerprint, release.packages[0].fingerprint) == ("1.2", "f1", "f2")
    assert members_of(store, shelf.pack_package(_source(reference))) == {"./packaging": (0o644, b"true\n")}


def test_a_tarball_by_url_is_downloaded_once_for_its_digest(tmp_path: Path) -> None:
    with serving({"/r.tgz": [Answer(body=GOOD)]}) as web:
        reference = _reference(f"{web.url}/r.tgz", digest=SHA1)
        shelf, store = shelf_of(tmp_path / "home")
        shelf.load_release(reference)
        later, _ = shelf_of(tmp_path / "home")
        assert later.load_release(reference).name == "shop"
        assert members_of(store, later.pack_package(_source(reference)))
        assert web.asked == ["/r.tgz"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "other"}, "release-name-mismatch"),
        ({"version": "1.3"}, "version-mismatch"),
        ({"version": "create"}, "version-mismatch"),
        ({"digest": "a" * 40}, "digest-mismatch"),
        ({"digest": "nonsense"}, "digest-unreadable"),
    ],
)
def test_a_reference_that_does_not_fit_is_told(tmp_path: Path, changes: dict[str, str], code: str) -> None:
    assert _failure(tmp_path, _reference(_written(tmp_path), **changes)) == code


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (GOOD[:-30], "archive-truncated"),
        (b"<html>", "archive-unreadable"),
        (tgz({"../release.MF": b"x"}), "archive-escapes"),
        (tgz({"else": b"x"}), "release-manifest-missing"),
        (release_tarball({"./jobs/web.tgz": b""}), "job-archive-missing"),
        (release_tarball({"./jobs/web.tgz": tgz({"job.MF": b"name: web\n", "monit": b""})}), "release-damaged"),
        (release_tarball({"./jobs/web.tgz": tgz({"../job.MF": b"x"})}), "archive-escapes"),
        (release_tarball({"./jobs/web.tgz": b"no tarball"}), "archive-unreadable"),
        (release_tarball({"./jobs/./web.tgz": tgz({"job.MF": b"x"})}), "archive-name-twice"),
        (release_tarball({"jobs/web.tgz": gzip.compress(bytes(17 << 20), 1)}), "archive-name-twice"),
        (release_tarball({"./jobs/web.tgz": tgz({"job.MF": b"x", "t": bytes(17 << 20)})}), "archive-too-large"),
        (release_tarball({"./jobs/web.tgz": random.Random(1).randbytes(17 << 20)}), "release-part-too-large"),
    ],
)
def test_a_tarball_that_is_broken_is_told(tmp_path: Path, content: bytes, code: str) -> None:
    assert _failure(tmp_path, _reference(_written(tmp_path, content))) == code


def test_an_archive_in_a_folder_below_jobs_is_no_job(tmp_path: Path) -> None:
    evil = tgz({"job.MF": b"name: web\npackages: []\n", "monit": b"evil"})
    shelf, _ = shelf_of(tmp_path / "home")
    release = shelf.load_release(_reference(_written(tmp_path, release_tarball({"./jobs/x/web.tgz": evil}))))
    assert (release.jobs[0].packages, release.jobs[0].monit) == (("app",), b"")


def test_a_small_tarball_takes_no_large_memory(tmp_path: Path) -> None:
    """A job of 80 MiB of zeros packs into 80 KiB: reading stops at the limit."""
    bomb = tgz({"job.MF": b"x", "t": bytes(80 << 20)})
    written = _written(tmp_path, release_tarball({"./jobs/web.tgz": bomb}))
    del bomb
    tracemalloc.start()
    try:
        assert _failure(tmp_path, _reference(written)) == "archive-too-large"
        assert tracemalloc.get_traced_memory()[1] < 48 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("package", "code"),
    [
        (b"", "release-package-missing"),
        (tgz({"packaging": b"other"}), "release-damaged"),
        (tgz({"packaging": b"other"})[:-30], "release-damaged"),
    ],
)
def test_a_package_that_is_not_what_is_listed_is_told_before_it_is_packed(
    tmp_path: Path, package: bytes, code: str
) -> None:
    shelf, _ = shelf_of(tmp_path / "home")
    reference = _reference(_written(tmp_path, release_tarball({"./packages/app.tgz": package})))
    shelf.load_release(reference)
    for _ in range(2):
        assert [problem.code for problem in shelf.package_problems([_source(reference)])] == [code]
    assert not (tmp_path / "home" / "blobs").exists()


@pytest.mark.parametrize(
    ("package", "code"),
    [
        (tgz({"packaging": b"true", "../x": b""}), "archive-escapes"),
        (tgz({"packaging": b"true", "/x": b""}), "archive-escapes"),
        (tgz({"packaging": b"true", "d/" * 3000 + "f": b""}), "archive-name-too-long"),
        (tgz({"packaging": b"true", "n" * 300: b""}), "archive-name-too-long"),
        (tgz({"packaging": b"true"})[:-30], "archive-truncated"),
        (b"hello world", "archive-unreadable"),
        (gzip.compress(bytes(1 << 20)) * 100, "archive-too-large"),
        (tgz({"packaging": b"true"}), ""),
    ],
)
def test_a_packages_archive_is_looked_through_before_it_is_packed(tmp_path: Path, package: bytes, code: str) -> None:
    shelf, _ = shelf_of(tmp_path / "home")
    reference = _reference(_written(tmp_path, release_tarball(package=package)))
    shelf.load_release(reference)
    assert [problem.code for problem in shelf.package_problems([_source(reference)])] == ([code] if code else [])


@pytest.mark.parametrize(
    ("package", "code"), [(b"", "release-package-missing"), (tgz({"packaging": b"other"}), "release-damaged")]
)
def test_a_package_that_is_not_what_is_listed_is_told(tmp_path: Path, package: bytes, code: str) -> None:
    shelf, _ = shelf_of(tmp_path / "home")
    reference = _reference(_written(tmp_path, release_tarball({"./packages/app.tgz": package})))
    shelf.load_release(reference)
    with pytest.raises(InputError) as caught:
        shelf.pack_package(_source(reference))
    assert caught.value.code == code
