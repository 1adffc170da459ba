"""Stemcells read from files and URLs: the image in a workspace, and every tarball that is none refused."""

import hashlib
import io
import os
import tarfile
from pathlib import Path

import pytest

from director.edge.downloads.downloads import DownloadSettings
from director.edge.releases.stemcell_tarballs import LocalStemcellTarballs
from director.errors import InputError
from director.model.releases.stemcell_tarball import StemcellPlace
from tests.support import blob_server
from tests.support.stemcell_tarballs import manifest_of, pack, write_stemcell

IMAGE = b"an image" * 1000


def _tarballs(home: Path) -> LocalStemcellTarballs:
    settings = DownloadSettings(timeout_s=5.0, retry_delays_s=(), allows_loopback_http=True)
    return LocalStemcellTarballs(home / "home", settings)


def _failure(home: Path, place: StemcellPlace) -> InputError:
    with pytest.raises(InputError) as caught, _tarballs(home).unpack(place):
        pass
    assert not list((home / "home" / "work").rglob("*")), "nothing stays of what was refused"
    return caught.value


@pytest.mark.parametrize("form", ["{}", "file://{}"])
def test_the_image_is_a_file_until_the_tarball_is_closed(tmp_path: Path, form: str) -> None:
    path = write_stemcell(tmp_path, IMAGE)
    with _tarballs(tmp_path).unpack(StemcellPlace(place=form.format(path), base="/")) as unpacked:
        image = Path(unpacked.image_path)
        assert image.read_bytes() == IMAGE
        assert unpacked.manifest.content == manifest_of(IMAGE)
        assert (unpacked.image_size, unpacked.origin) == (len(IMAGE), str(path))
        assert unpacked.image_digests["sha1"] == hashlib.sha1(IMAGE).hexdigest()
        assert unpacked.digest == f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"
    assert not image.exists()


def test_a_relative_path_is_meant_from_the_folder_of_the_command(tmp_path: Path) -> None:
    path = write_stemcell(tmp_path)
    with _tarballs(tmp_path).unpack(StemcellPlace(place=path.name, base=str(tmp_path))) as unpacked:
        assert unpacked.image_size == 0


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"stemcell.MF": b"name: x\n"}, "stemcell-part-missing"),
        ({"image": IMAGE}, "stemcell-part-missing"),
        ({"stemcell.MF": b"#" * ((1 << 20) + 1), "image": b""}, "stemcell-manifest-too-large"),
        ({"stemcell.MF": b"", "../image": b""}, "archive-escapes"),
        ({"stemcell.MF": b"", "/etc/passwd": b"", "image": b""}, "archive-escapes"),
        ({"stemcell.MF": b"", "image": b"", **{f"more/{number}": b"" for number in range(1000)}}, "archive-too-large"),
    ],
    ids=["no-image", "no-manifest", "manifest-large", "outside", "absolute", "many"],
)
def test_a_tarball_that_is_no_stemcell_is_refused(tmp_path: Path, members: dict[str, bytes], code: str) -> None:
    assert _failure(tmp_path, StemcellPlace(place=str(pack(tmp_path / "s.tgz", members)), base="/")).code == code


def test_a_link_in_place_of_the_image_is_no_image(tmp_path: Path) -> None:
    path = tmp_path / "s.tgz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("stemcell.MF")
        archive.addfile(info, io.BytesIO())
        link = tarfile.TarInfo("image")
        link.type, link.linkname = tarfile.SYMTYPE, "stemcell.MF"
        archive.addfile(link)
    assert _failure(tmp_path, StemcellPlace(place=str(path), base="/")).code == "stemcell-part-missing"


def test_a_tarball_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = write_stemcell(tmp_path, IMAGE)
    path.write_bytes(path.read_bytes()[:-20])
    assert _failure(tmp_path, StemcellPlace(place=str(path), base="/")).code == "archive-truncated"


def test_a_wrong_digest_is_said_before_anything_else_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "s.tgz"
    path.write_bytes(b"an error page")
    wanted = f"sha256:{'0' * 64}"
    assert _failure(tmp_path, StemcellPlace(place=str(path), base="/", digest=wanted)).code == "digest-mismatch"
    right = hashlib.sha1(path.read_bytes()).hexdigest()
    assert _failure(tmp_path, StemcellPlace(place=str(path), base="/", digest=right)).code == "archive-unreadable"


@pytest.mark.parametrize(
    ("place", "code"), [("/no/such.tgz", "stemcell-unavailable"), ("git+https://a/b", "stemcell-url-unknown")]
)
def test_a_place_that_leads_nowhere_is_said(tmp_path: Path, place: str, code: str) -> None:
    assert _failure(tmp_path, StemcellPlace(place=place, base="/")).code == code


def test_what_is_read_again_is_downloaded_once(tmp_path: Path) -> None:
    kept = tmp_path / "home" / "kept"
    with blob_server.open_store(tmp_path) as store:
        place = StemcellPlace(place=store.keep(write_stemcell(tmp_path, IMAGE).read_bytes()).url.url, base="/")
        tarballs = _tarballs(tmp_path)
        with tarballs.unpack(place, is_read_again=True) as first:
            pass
        assert [path.stat().st_size for path in kept.iterdir()] == [len(IMAGE)]
        with tarballs.unpack(place) as unpacked:
            assert Path(unpacked.image_path).read_bytes() == IMAGE
            assert (unpacked.manifest, unpacked.digest) == (first.manifest, first.digest)
        assert len(store.asked) == 1
        for is_read_again in (False, True):
            with tarballs.unpack(place, is_read_again=is_read_again):
                pass
        assert len(store.asked) == 3, "each was to be read once more, or for the first time"
        with pytest.raises(KeyError), tarballs.unpack(place, is_read_again=True):
            raise KeyError
        assert not list(kept.iterdir()), "what was refused is not kept"
        with tarballs.unpack(place, is_read_again=True):
            pass
        tarballs.close()
    assert not list(kept.iterdir())


def test_what_a_killed_process_kept_goes_and_what_a_living_one_keeps_stays(tmp_path: Path) -> None:
    kept = tmp_path / "home" / "kept"
    kept.mkdir(parents=True)
    (kept / "abandoned").write_bytes(IMAGE)
    with blob_server.open_store(tmp_path) as store:
        urls = [store.keep(write_stemcell(tmp_path, image).read_bytes()).url.url for image in (IMAGE, b"other")]
        living, other = _tarballs(tmp_path), _tarballs(tmp_path)
        for tarballs, url in zip((living, other), urls, strict=True):
            with tarballs.unpack(StemcellPlace(place=url, base="/"), is_read_again=True):
                pass
            for path in kept.iterdir():
                os.utime(path, (0, 0))
    assert sorted(path.stat().st_size for path in kept.iterdir()) == [len(b"other"), len(IMAGE)]
    living.close()
    other.close()


def test_a_download_is_pinned_and_another_file_there_refused_unless_its_digest_is_given(tmp_path: Path) -> None:
    first, second = write_stemcell(tmp_path).read_bytes(), write_stemcell(tmp_path, version="3.2").read_bytes()
    with blob_server.open_store(tmp_path) as store:
        blob = store.keep(first)
        url = blob.url.url
        with _tarballs(tmp_path).unpack(StemcellPlace(place=url, base="/")):
            pass
        store.blobs[blob.digest] = second
        failure = _failure(tmp_path, StemcellPlace(place=url, base="/"))
        assert (failure.code, "first download" in failure.what) == ("digest-mismatch", True)
        digest = f"sha256:{hashlib.sha256(second).hexdigest()}"
        for given in (digest, ""):
            with _tarballs(tmp_path).unpack(StemcellPlace(place=url, base="/", digest=given)) as unpacked:
                assert unpacked.digest == digest
