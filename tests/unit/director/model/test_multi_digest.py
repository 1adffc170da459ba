"""director.model.releases.multi_digest."""

import pytest

from director.errors import InputError
from director.model.releases.multi_digest import SingleDigest, read_multi_digest

ONE, TWO, FIVE = "a" * 40, "b" * 64, "c" * 128


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (ONE, ["sha1:" + ONE]),
        (f"sha1:{ONE}", ["sha1:" + ONE]),
        (f"sha256:{TWO}", ["sha256:" + TWO]),
        (f"{ONE};sha256:{TWO}", ["sha256:" + TWO, "sha1:" + ONE]),
        (f"sha512:{FIVE};{ONE};sha256:{TWO}", ["sha512:" + FIVE, "sha256:" + TWO, "sha1:" + ONE]),
        (f"md9:77;sha256:{TWO.upper()}", ["sha256:" + TWO]),
    ],
)
def test_the_strongest_comes_first_and_the_unknown_is_passed_over(text: str, wanted: list[str]) -> None:
    assert [str(digest) for digest in read_multi_digest(text)] == wanted


@pytest.mark.parametrize(
    "text", ["", "md9:77", "sha256:" + ONE, ONE + "x", f"{ONE};{ONE}", "g" * 40, f"sha1:{ONE}\n;x"]
)
def test_what_cannot_be_verified_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_multi_digest(text, "m.yml:1:2")
    assert (caught.value.code, caught.value.where) == ("digest-unreadable", "m.yml:1:2")


def test_a_digest_is_a_value() -> None:
    assert read_multi_digest(ONE) == (SingleDigest(algorithm="sha1", value=ONE),)
