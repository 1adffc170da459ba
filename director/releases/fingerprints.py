"""Fingerprints of jobs and packages: equal where BOSH's are equal, byte for byte (its scheme "v2").

Takes pieces, gives hex. Source: cloudfoundry/bosh-cli release/resource/fingerprint.go.
"""

import hashlib
from collections.abc import Iterable

from cpi.contract.value_classes import dataclass

_ANY_EXECUTABLE = 0o111


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintedFile:
    """One file: `digest` is "sha256:<hex>" of its content (of a kept link: of its text), `mode` one of mode_word's."""

    path: str
    digest: str
    mode: str


def fingerprint_of(pieces: Iterable[FingerprintedFile], chunks: Iterable[str] = ()) -> str:
    """Digest the pieces in order of their paths, then the chunks (a package's dependencies) in order of theirs."""
    ordered = sorted(pieces, key=lambda piece: _bytes(piece.path))
    text = "v2" + "".join(piece.path + piece.digest + piece.mode for piece in ordered)
    return hashlib.sha256(_bytes(text + ",".join(sorted(chunks, key=_bytes)))).hexdigest()


def digest_of(content: bytes) -> str:
    """The digest of a piece's content."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def digest_of_link(target: str) -> str:
    """The digest of a link that is kept: of the text it holds."""
    return digest_of(_bytes(target))


def mode_word(permissions: int, *, is_link: bool = False) -> str:
    """Git's words for modes, which BOSH took over: only the executable bits count."""
    if is_link:
        return "symlink"
    return "100755" if permissions & _ANY_EXECUTABLE else "100644"


def _bytes(text: str) -> bytes:
    """File names need not be UTF-8; what came in by surrogates goes out as the bytes it was."""
    return text.encode("utf-8", "surrogateescape")
