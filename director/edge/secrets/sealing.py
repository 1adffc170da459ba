"""Documents sealed with the vault's key before they are stored: AES-256-GCM, the row's place as associated data.

Takes a text and its place, gives bytes; takes bytes and their place, gives the text. A document that was put in
another row's place does not open.
"""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cpi.contract.value_classes import dataclass
from director.edge.secrets.vault_key import VaultKey

_FORMAT = b"\x01"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlace:
    """Where a document stands: `key` are the columns that name the row."""

    table: str
    column: str
    key: tuple[str, ...]

    def label(self) -> bytes:
        """The associated data; no two places have the same."""
        return "\n".join((self.table, self.column, *self.key)).encode()


class UnsealableError(Exception):
    """Another key sealed it, for another place, or it was changed since."""


class Sealing:
    """The key is read with the first document, and made with the first one sealed: a listing of names needs none."""

    def __init__(self, key: VaultKey) -> None:
        self._key = key
        self._cipher: AESGCM | None = None

    def seal(self, text: str, place: RowPlace) -> bytes:
        """The sealed text. Raises StateError: vault-key-missing, vault-key-broken, disk-full."""
        nonce = os.urandom(_NONCE_BYTES)
        return _FORMAT + nonce + self._sealer().encrypt(nonce, text.encode(), place.label())

    def open(self, sealed: bytes, place: RowPlace) -> str:
        """The text. Raises UnsealableError; StateError: vault-key-missing, vault-key-broken."""
        start = len(_FORMAT) + _NONCE_BYTES
        if not sealed.startswith(_FORMAT) or len(sealed) <= start:
            raise UnsealableError("it is not a sealed document")
        self._cipher = self._cipher or AESGCM(self._key.read())
        try:
            return self._cipher.decrypt(sealed[len(_FORMAT) : start], sealed[start:], place.label()).decode()
        except InvalidTag as error:
            raise UnsealableError(f"it was not sealed here with {self._key.path}, or it was changed") from error

    def _sealer(self) -> AESGCM:
        if self._cipher is None:
            with self._key.locked():
                self._cipher = AESGCM(self._key.make())
        return self._cipher
