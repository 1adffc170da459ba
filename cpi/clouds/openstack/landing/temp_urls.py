"""Signed URLs of Swift: what a Swift allows, and how a URL is signed.

Takes what /info told, an address and a key; gives what may be done, and a URL.
Source: openstack/swift swift/common/middleware/tempurl.py @2.30.1.
"""

import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from cpi.contract.errors import NotSupportedError
from cpi.contract.value_classes import dataclass

_DIGESTS = ("sha256", "sha1")
"""The better one first; Swifts before 2016 know the other only."""
_LARGEST = 5 * 1024**3
"""Bytes in an object, where Swift says no other number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """Which digest signs, and how many bytes an object may have."""

    digest: str
    largest: int


def read_abilities(answer: Mapping[str, Any]) -> Abilities:
    """What /info says. Raises NotSupportedError, code signed-urls-not-supported."""
    signing = answer.get("tempurl")
    if not isinstance(signing, dict):
        raise no_urls("It runs without the middleware tempurl.")
    if "GET" not in signing.get("methods", ("GET",)):
        raise no_urls("Its middleware tempurl does not allow GET.")
    allowed = signing.get("allowed_digests", ("sha1",))
    digest = next((one for one in _DIGESTS if one in allowed), "")
    if not digest:
        raise no_urls(f"It signs by {', '.join(map(str, allowed)) or 'nothing'}; {' or '.join(_DIGESTS)} is required.")
    swift = answer.get("swift")
    largest = swift.get("max_file_size", _LARGEST) if isinstance(swift, dict) else _LARGEST
    return Abilities(digest=digest, largest=int(largest))


def require_size(size: int, abilities: Abilities) -> None:
    """Raises NotSupportedError, code blob-too-large."""
    if size > abilities.largest:
        raise NotSupportedError(
            "blob-too-large",
            f"Swift accepts no object of {size} bytes.",
            why=f"The limit is {abilities.largest} bytes.",
            fix="No action needed: it is sent by SSH. To have VMs fetch it, make it smaller.",
        )


def sign_url(url: str, *, key: str, digest: str, expires_s: int) -> str:
    """`url`, readable by GET until `expires_s` (Unix time). Signed is the path as Swift sees it, without %xx."""
    answer = f"GET\n{expires_s}\n{unquote(urlsplit(url).path)}"
    signature = hmac.new(key.encode(), answer.encode(), digest).hexdigest()
    return f"{url}?temp_url_sig={signature}&temp_url_expires={expires_s}"


def no_urls(why: str) -> NotSupportedError:
    """The error for objects that could not be read again."""
    return NotSupportedError(
        "signed-urls-not-supported",
        "This Swift cannot sign URLs for this user.",
        why=why,
        fix="Ask the cloud's operator for Swift's middleware tempurl and a role that owns the account, or set "
        "`container: false`: packages are then sent by SSH.",
    )
