"""What every Blobstore promises, run on each implementation."""

import hashlib
import io
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from director.edge.blobs.blobs_dir import BlobsDir
from director.errors import StateError
from director.model.ids import Digest
from director.model.releases.release import CompiledPackage
from director.ports.blobstore import Blobstore
from tests.support.memory_blobs import MemoryBlobs

OPENERS: dict[str, Callable[[Path], Blobstore]] = {"directory": BlobsDir, "memory": lambda _: MemoryBlobs()}


@pytest.fixture(params=sorted(OPENERS))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Blobstore:
    return OPENERS[request.param](tmp_path / "blobs")


def _digest(content: bytes) -> Digest:
    return Digest(f"sha256:{hashlib.sha256(content).hexdigest()}")


class _Broken(io.RawIOBase):
    """Gives a little, then fails as a network would."""

    def __init__(self) -> None:
        super().__init__()
        self._gave = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]
        if self._gave:
            raise StateError("gone", "The stream broke.")
        self._gave = True
        buffer[:3] = b"abc"
        return 3


@pytest.mark.parametrize("content", [b"", b"x", b"blob\0" * 1_000_000])
def test_what_was_put_is_read_back_by_its_digest(store: Blobstore, content: bytes) -> None:
    digest = store.put_blob(io.BytesIO(content))
    assert digest == _digest(content)
    assert store.has_blob(digest)
    with store.open_blob(digest) as stream:
        assert stream.read() == content


def test_putting_twice_is_once(store: Blobstore) -> None:
    assert store.put_blob(io.BytesIO(b"a")) == store.put_blob(io.BytesIO(b"a"))


def test_a_blob_that_was_never_put_is_missing(store: Blobstore) -> None:
    assert not store.has_blob(_digest(b"never"))
    with pytest.raises(StateError) as caught:
        store.open_blob(_digest(b"never"))
    assert caught.value.code == "blob-missing"


def test_a_stream_that_breaks_leaves_nothing(store: Blobstore) -> None:
    with pytest.raises(StateError):
        store.put_blob(io.BufferedReader(_Broken()))
    assert not store.has_blob(_digest(b"abc"))


def test_many_threads_may_put_the_same_blob(store: Blobstore) -> None:
    content = b"same" * 100_000
    found: list[Digest] = []
    threads = [threading.Thread(target=lambda: found.append(store.put_blob(io.BytesIO(content)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [_digest(content)] * 8
    assert store.has_blob(_digest(content))


def test_compiled_packages_are_found_by_key_while_their_blobs_are_there(store: Blobstore) -> None:
    kept = CompiledPackage(key="redis/1 noble/x86_64", digest=store.put_blob(io.BytesIO(b"redis")), size=5)
    without_blob = CompiledPackage(key="nginx", digest=_digest(b"never put"), size=9)
    store.save_compiled(kept)
    store.save_compiled(kept)
    store.save_compiled(without_blob)
    assert store.find_compiled([kept.key, "nginx", "unknown"]) == {kept.key: kept}


def test_the_last_one_saved_for_a_key_wins(store: Blobstore) -> None:
    first = CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"1")), size=1)
    second = CompiledPackage(key="k", digest=store.put_blob(io.BytesIO(b"22")), size=2)
    store.save_compiled(first)
    store.save_compiled(second)
    assert store.find_compiled(["k"]) == {"k": second}


def test_compiled_packages_are_listed_and_forgotten_one_by_one(store: Blobstore) -> None:
    without_blob = CompiledPackage(key="a", digest=_digest(b"never put"), size=9)
    other = CompiledPackage(key="b", digest=store.put_blob(io.BytesIO(b"b")), size=1)
    assert store.list_compiled() == ()
    for package in (other, without_blob):
        store.save_compiled(package)
    assert store.list_compiled() == (without_blob, other)
    for _ in range(2):
        store.forget_compiled("b")
    assert store.list_compiled() == (without_blob,)
    assert store.has_blob(other.digest)


def test_a_new_blob_is_announced_before_it_is_there_and_a_known_one_is_not(store: Blobstore) -> None:
    announced: list[tuple[Digest, bool]] = []
    for content in (b"new", b"new", b"other"):
        store.put_blob(io.BytesIO(content), announce=lambda digest: announced.append((digest, store.has_blob(digest))))
    assert announced == [(_digest(b"new"), False), (_digest(b"other"), False)]


def test_a_blob_whose_announcement_fails_is_not_stored(store: Blobstore) -> None:
    def refuse(digest: Digest) -> None:
        raise StateError("refused", f"No {digest}.")

    with pytest.raises(StateError):
        store.put_blob(io.BytesIO(b"unwanted"), announce=refuse)
    assert not store.has_blob(_digest(b"unwanted"))


def test_a_deleted_blob_is_missing_until_it_is_put_again(store: Blobstore) -> None:
    digest = store.put_blob(io.BytesIO(b"a"))
    store.delete_blob(digest)
    store.delete_blob(digest)
    assert not store.has_blob(digest)
    assert store.put_blob(io.BytesIO(b"a")) == digest
    assert store.has_blob(digest)
