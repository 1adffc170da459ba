"""director.edge.releases.packing."""

import gzip
import hashlib
import io
import random
import tarfile

import pytest

from cpi.contract.errors import ExplainedError
from director.edge.releases import packing
from director.edge.releases.packing import PackEntry
from director.errors import InputError


def _refuse(got: str) -> ExplainedError:
    return InputError("changed", got)


def _entry(path: str, content: bytes = b"", *, permissions: int = 0o644, link: str | None = None) -> PackEntry:
    return PackEntry(
        path=path,
        permissions=permissions,
        link=link,
        open=lambda: io.BytesIO(content),
        digest=f"sha256:{hashlib.sha256(content).hexdigest()}",
        refuse=_refuse,
    )


ENTRIES = [
    _entry("packaging", b"true\n", permissions=0o700),
    _entry("a/b/run", b"x" * 1000, permissions=0o770),
    _entry("a/b-c", b"", permissions=0o654),
    _entry("a/link", link="b/run"),
    _entry("long/" + "n" * 120, b"long", permissions=0o645),
]


def _packed(entries: list[PackEntry], *, is_compressed: bool = True) -> bytes:
    return packing.packed_stream(entries, is_compressed=is_compressed).read()


def test_members_are_sorted_with_their_folders_and_two_kinds_of_mode() -> None:
    with tarfile.open(fileobj=io.BytesIO(_packed(ENTRIES)), mode="r:gz") as tar:
        members = [(m.name, oct(m.mode), m.type, m.linkname, m.mtime, m.uid, m.uname) for m in tar]
        contents = {m.name: extracted.read() for m in tar if (extracted := tar.extractfile(m)) and m.isreg()}
    assert members == [
        (".", "0o755", tarfile.DIRTYPE, "", 0, 0, ""),
        ("./a", "0o755", tarfile.DIRTYPE, "", 0, 0, ""),
        ("./a/b-c", "0o644", tarfile.REGTYPE, "", 0, 0, ""),
        ("./a/b", "0o755", tarfile.DIRTYPE, "", 0, 0, ""),
        ("./a/b/run", "0o755", tarfile.REGTYPE, "", 0, 0, ""),
        ("./a/link", "0o777", tarfile.SYMTYPE, "b/run", 0, 0, ""),
        ("./long", "0o755", tarfile.DIRTYPE, "", 0, 0, ""),
        ("./long/" + "n" * 120, "0o644", tarfile.REGTYPE, "", 0, 0, ""),
        ("./packaging", "0o755", tarfile.REGTYPE, "", 0, 0, ""),
    ]
    assert contents["./a/b/run"] == b"x" * 1000
    assert contents["./long/" + "n" * 120] == b"long"


def test_the_same_entries_in_any_order_give_the_same_bytes() -> None:
    assert _packed(ENTRIES) == _packed(ENTRIES[::-1])


def test_the_gzip_header_tells_no_time() -> None:
    assert _packed(ENTRIES)[4:8] == bytes(4)


def test_uncompressed_is_the_same_tarball() -> None:
    assert gzip.decompress(_packed(ENTRIES)) == _packed(ENTRIES, is_compressed=False)


def test_what_is_packed_already_goes_in_as_it_is_between_what_is_not() -> None:
    noise = random.Random(7).randbytes(3_000_000)
    text = b"line of text\n" * 100_000
    entries = [_entry(name, content) for name, content in zip("abcde", (text, noise, text, noise, text), strict=True)]
    packed = _packed(entries)
    assert gzip.decompress(packed) == _packed(entries, is_compressed=False)
    assert 2 * len(noise) < len(packed) < 2 * len(noise) + len(text) // 10


def test_a_file_that_changed_since_it_was_hashed_is_refused() -> None:
    before = _entry("a", b"before")
    after = PackEntry(
        path="a", permissions=0o644, link=None, open=lambda: io.BytesIO(b"after!"), digest=before.digest, refuse=_refuse
    )
    with pytest.raises(InputError) as caught:
        _packed([after])
    assert caught.value.what == f"sha256:{hashlib.sha256(b'after!').hexdigest()}"
