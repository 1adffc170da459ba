"""director.releases.fingerprints, against values worked out by hand from BOSH's description and one of its own."""

import hashlib
from pathlib import Path

import pytest

from director.releases import fingerprints
from director.releases.fingerprints import FingerprintedFile

EMPTY = "sha256:" + hashlib.sha256(b"").hexdigest()


def _hex(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_pieces_are_joined_without_separators_behind_the_schemes_name() -> None:
    pieces = [
        FingerprintedFile(path="a/b", digest=EMPTY, mode="100755"),
        FingerprintedFile(path="packaging", digest=EMPTY, mode=""),
    ]
    assert fingerprints.fingerprint_of(pieces) == _hex(f"v2a/b{EMPTY}100755packaging{EMPTY}")


def test_order_is_by_bytes_whatever_order_they_come_in() -> None:
    one, two, three = (FingerprintedFile(path=path, digest=EMPTY, mode="100644") for path in ("B", "a", "é"))
    assert fingerprints.fingerprint_of([three, two, one]) == fingerprints.fingerprint_of([one, two, three])
    assert fingerprints.fingerprint_of([one, two]) == _hex(f"v2B{EMPTY}100644a{EMPTY}100644")


def test_dependencies_are_sorted_and_joined_by_commas() -> None:
    assert fingerprints.fingerprint_of([], ["b", "a"]) == _hex("v2a,b")
    assert fingerprints.fingerprint_of([]) == _hex("v2")


def test_a_name_that_is_not_utf8_counts_with_its_own_bytes() -> None:
    path = b"\xff".decode("utf-8", "surrogateescape")
    wanted = hashlib.sha256(b"v2\xff" + EMPTY.encode() + b"100644").hexdigest()
    assert fingerprints.fingerprint_of([FingerprintedFile(path=path, digest=EMPTY, mode="100644")]) == wanted


@pytest.mark.parametrize(
    ("permissions", "word"),
    [(0o644, "100644"), (0o600, "100644"), (0o755, "100755"), (0o100, "100755"), (0o010, "100755"), (0o001, "100755")],
)
def test_any_executable_bit_makes_a_file_executable(permissions: int, word: str) -> None:
    assert fingerprints.mode_word(permissions) == word


def test_a_kept_link_is_its_text() -> None:
    assert fingerprints.mode_word(0o777, is_link=True) == "symlink"
    assert fingerprints.digest_of_link("../a") == "sha256:" + _hex("../a")


def test_the_reference_clis_fingerprint_of_a_license_comes_out() -> None:
    release = Path(__file__).parents[4] / ".." / "shared" / "golden" / "release" / "garden-release"
    if not release.is_dir():
        pytest.skip("the golden data is not beside this checkout")
    pieces = [
        FingerprintedFile(path=name, digest=fingerprints.digest_of((release / name).read_bytes()), mode="")
        for name in ("LICENSE", "NOTICE")
    ]
    assert fingerprints.fingerprint_of(pieces) == "3313da61d4096317475d1d992910a224156b58ebae4635e7e3c8e4e7f4c2fbac"
