"""director.edge.blobs.blobs_dir: what is particular to the directory; the port's promises are in tests/contract."""

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import Bug, StateError
from director.model.ids import Digest
from director.model.releases.release import CompiledPackage


def _files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


def _only_blob(home: Path) -> Path:
    (path,) = _files(home / "sha256")
    return path


def test_everything_is_this_users_alone(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path / "blobs")
    store.save_compiled(CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"x")), size=1))
    modes = {path.is_dir(): path.stat().st_mode & 0o777 for path in (tmp_path / "blobs").rglob("*")}
    assert modes == {True: 0o700, False: 0o600}
    assert {path.stat().st_mode & 0o777 for path in _files(tmp_path)} == {0o600}


def test_nothing_is_made_before_something_is_put(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path / "blobs")
    assert store.find_compiled(["k"]) == {}
    assert not store.has_blob(Digest("sha256:" + "0" * 64))
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_blob_is_told_and_removed_and_can_be_put_again(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path)
    digest = store.put_blob(io.BytesIO(b"whole"))
    _only_blob(tmp_path).write_bytes(b"whxle")
    with pytest.raises(StateError) as caught:
        store.open_blob(digest)
    assert caught.value.code == "blob-damaged"
    assert not _files(tmp_path / "sha256")
    assert store.put_blob(io.BytesIO(b"whole")) == digest
    assert store.has_blob(digest)


def test_damage_after_a_first_good_read_is_noticed_too(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path)
    digest = store.put_blob(io.BytesIO(b"whole"))
    assert store.has_blob(digest)
    _only_blob(tmp_path).write_bytes(b"whxle")
    assert not store.has_blob(digest)


def test_putting_heals_a_blob_that_was_cut_short(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path)
    digest = store.put_blob(io.BytesIO(b"whole"))
    os.truncate(_only_blob(tmp_path), 2)
    store.put_blob(io.BytesIO(b"whole"))
    with store.open_blob(digest) as stream:
        assert stream.read() == b"whole"


def test_a_compiled_package_whose_blob_was_cut_short_is_not_found(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path)
    store.save_compiled(CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"whole")), size=5))
    os.truncate(_only_blob(tmp_path), 2)
    assert store.find_compiled(["k"]) == {}


@pytest.mark.parametrize("damage", [b"", b"{", b'{"key": "k"}'])
def test_a_torn_entry_of_the_index_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    store = BlobsDir(tmp_path)
    package = CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"x")), size=1)
    store.save_compiled(package)
    (entry,) = _files(tmp_path / "compiled")
    entry.write_bytes(damage)
    assert store.find_compiled(["k"]) == {}
    store.save_compiled(package)
    assert store.find_compiled(["k"]) == {"k": package}


def test_an_entry_of_the_index_that_was_changed_by_hand_counts_as_none(tmp_path: Path) -> None:
    store = BlobsDir(tmp_path)
    store.save_compiled(CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"x")), size=1))
    other = store.put_blob(io.BytesIO(b"y"))
    (entry,) = _files(tmp_path / "compiled")
    written = entry.read_text()
    entry.write_text(written.replace(written.split('"digest":"')[1][:71], other))
    assert store.find_compiled(["k"]) == {}


def test_what_a_killed_writer_left_is_swept_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    partial = tmp_path / "partial"
    partial.mkdir()
    for name in ("old", "held", "young"):
        (partial / name).write_bytes(b"x")
    for name in ("old", "held"):
        os.utime(partial / name, (0, 0))
    holder = _hold(partial / "held")
    BlobsDir(tmp_path).put_blob(io.BytesIO(b"x"))
    assert sorted(path.name for path in partial.iterdir()) == ["held", "young"]
    holder.communicate(b"done")


def _hold(path: Path) -> "subprocess.Popen[bytes]":
    script = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, fcntl.LOCK_EX); print(flush=True); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    return holder


def test_a_home_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StateError) as caught:
        BlobsDir(tmp_path / "file" / "blobs").put_blob(io.BytesIO(b"x"))
    assert caught.value.code == "storage-denied"


@pytest.mark.parametrize("digest", ["sha1:" + "0" * 40, "sha256:../../etc/passwd", "sha256:" + "Z" * 64])
def test_a_digest_that_is_none_never_becomes_a_path(tmp_path: Path, digest: str) -> None:
    with pytest.raises(Bug):
        BlobsDir(tmp_path).has_blob(Digest(digest))


def _become_a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


def _become_a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("place", ["compiled", "sha256", "partial", "entry", "blob"])
@pytest.mark.parametrize("verb", ["find_compiled", "save_compiled", "open_blob", "put_blob"])
def test_what_is_in_the_way_of_the_blobstore_is_named_and_breaks_nothing(tmp_path: Path, place: str, verb: str) -> None:
    store = BlobsDir(tmp_path)
    package = CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"x")), size=1)
    store.save_compiled(package)
    files = {"blob": _only_blob(tmp_path), "entry": _files(tmp_path / "compiled")[0]}
    if place in files:
        _become_a_folder(files[place])
    else:
        _become_a_file(tmp_path / place)
    verbs: dict[str, Callable[[], object]] = {
        "find_compiled": lambda: store.find_compiled(["k"]),
        "save_compiled": lambda: store.save_compiled(package),
        "open_blob": lambda: _read(store, package.digest),
        "put_blob": lambda: store.put_blob(io.BytesIO(b"x")),
    }
    right: dict[str, list[object]] = {
        "find_compiled": [{}, {"k": package}],
        "save_compiled": [None],
        "open_blob": [b"x"],
    }
    try:
        assert verbs[verb]() in right.get(verb, [package.digest])
    except StateError as error:
        assert (error.code, str(tmp_path) in error.what) == ("storage-denied", True)


def _read(store: BlobsDir, digest: Digest) -> bytes:
    with store.open_blob(digest) as stream:
        return stream.read()
