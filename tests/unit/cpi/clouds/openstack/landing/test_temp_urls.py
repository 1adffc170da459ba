"""What a Swift allows, and URLs as TempURL checks them."""

from collections.abc import Mapping
from typing import Any

import pytest

from cpi.clouds.openstack.landing import temp_urls
from cpi.clouds.openstack.landing.temp_urls import Abilities
from cpi.contract.errors import NotSupportedError

OURS = {"methods": ["GET", "HEAD"], "allowed_digests": ["sha1", "sha256", "sha512"]}


def test_the_better_digest_is_taken_and_swifts_own_limit() -> None:
    reported = {"tempurl": OURS, "swift": {"max_file_size": 7}}
    assert temp_urls.read_abilities(reported) == Abilities(digest="sha256", largest=7)
    assert temp_urls.read_abilities({"tempurl": {"methods": ["GET"]}}) == Abilities(digest="sha1", largest=5 * 1024**3)


@pytest.mark.parametrize(
    ("reported", "why"),
    [
        ({"swift": {}}, "It runs without the middleware tempurl."),
        ({"tempurl": {**OURS, "methods": ["PUT"]}}, "Its middleware tempurl does not allow GET."),
        ({"tempurl": {**OURS, "allowed_digests": ["sha9"]}}, "It signs by sha9; sha256 or sha1 is required."),
    ],
)
def test_a_swift_that_signs_nothing_is_told_from_one_that_does(reported: Mapping[str, Any], why: str) -> None:
    with pytest.raises(NotSupportedError, match="signed-urls-not-supported") as refused:
        temp_urls.read_abilities(reported)
    assert refused.value.why == why


def test_what_is_larger_than_an_object_is_not_sent() -> None:
    abilities = Abilities(digest="sha256", largest=10)
    temp_urls.require_size(10, abilities)
    with pytest.raises(NotSupportedError, match="blob-too-large"):
        temp_urls.require_size(11, abilities)


def test_signed_is_the_path_as_swift_sees_it() -> None:
    """As `printf 'GET\\n1700000000\\n/v1/AUTH_p/compleat e a/b' | openssl dgst -sha256 -hmac key` says."""
    signed = temp_urls.sign_url(
        "https://swift.example.org/v1/AUTH_p/compleat%20e%20a/b", key="key", digest="sha256", expires_s=1_700_000_000
    )
    assert signed == (
        "https://swift.example.org/v1/AUTH_p/compleat%20e%20a/b"
        "?temp_url_sig=d00a9ffab70751b61d31983d8ff87ffd0ec20f7b0e0735e7c9a13c05a5c788db&temp_url_expires=1700000000"
    )
