"""Multi-digest strings, as BOSH writes them in `sha1` fields: "<sha1 hex>;sha256:<hex>".

Takes the string, gives the digests it lists. Source: bosh-utils crypto/multiple_digest.go.
"""

import re

from cpi.contract.value_classes import dataclass
from director.errors import InputError

_STRENGTH = ("sha1", "sha256", "sha512")
_LENGTHS = {"sha1": 40, "sha256": 64, "sha512": 128}
_HEX = re.compile(r"[0-9a-f]+\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleDigest:
    """`algorithm` is sha1, sha256 or sha512; `value` is lower-case hex."""

    algorithm: str
    value: str

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.value}"


def read_multi_digest(text: str, where: str = "") -> tuple[SingleDigest, ...]:
    """List the digests that can be verified, the strongest first; unknown algorithms are passed over.

    Raises InputError: digest-unreadable (nothing verifiable, a wrong length, an algorithm twice).
    """
    found: dict[str, SingleDigest] = {}
    for part in text.strip().split(";"):
        algorithm, colon, value = part.strip().partition(":")
        single = _read_single(algorithm, value) if colon else _read_single("sha1", algorithm)
        if single is None:
            continue
        if single.algorithm in found or not _is_hex(single):
            raise _unreadable(text, where)
        found[single.algorithm] = single
    if not found:
        raise _unreadable(text, where)
    return tuple(sorted(found.values(), key=lambda single: -_STRENGTH.index(single.algorithm)))


def _read_single(algorithm: str, value: str) -> SingleDigest | None:
    if algorithm not in _STRENGTH:
        return None
    return SingleDigest(algorithm=algorithm, value=value.lower())


def _is_hex(single: SingleDigest) -> bool:
    return len(single.value) == _LENGTHS[single.algorithm] and bool(_HEX.match(single.value))


def _unreadable(text: str, where: str) -> InputError:
    return InputError(
        "digest-unreadable",
        f"'{text}' is not a digest.",
        why="Expected sha1, sha256 or sha512 in hex; several are joined by ';', each algorithm once.",
        fix="Write it as sha256:<64 hex digits>.",
        where=where,
    )
