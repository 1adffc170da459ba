"""The key that the vault's secrets are sealed with: one file, made once, never replaced.

Takes the file's path and whether there are secrets, gives 32 bytes.
"""

from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from director.edge import whole_files
from director.errors import StateError

_BYTES = 32


class VaultKey:
    """`has_secrets` tells whether anything was sealed: then the key that did it is the only one."""

    def __init__(self, path: Path, *, has_secrets: Callable[[], bool]) -> None:
        self.path = path
        self._has_secrets = has_secrets

    def read(self) -> bytes:
        """The key. Raises StateError: vault-key-missing, vault-key-broken."""
        try:
            key = self.path.read_bytes()
        except FileNotFoundError as error:
            raise self._missing() from error
        except OSError as error:
            raise self._broken(f"It cannot be read: {error.strerror}.") from error
        if len(key) != _BYTES:
            raise self._broken(f"It has {len(key)} bytes; a key has {_BYTES}.")
        return key

    def make(self) -> bytes:
        """The key, made if nothing was sealed yet. Call it under the vault's lock. Raises what `read` raises."""
        if not self._has_secrets():
            self._make_first()
        return self.read()

    def _make_first(self) -> None:
        """An empty file, which an earlier version could leave when the disk was full, never sealed anything."""
        key = AESGCM.generate_key(bit_length=8 * _BYTES)
        if not whole_files.create_file(self.path, key) and self.path.is_file() and not self.path.stat().st_size:
            whole_files.replace_file(self.path, key)

    def _missing(self) -> StateError:
        return StateError(
            "vault-key-missing",
            f"The vault's key file {self.path} is missing.",
            why="The vault has secrets that only this key opens; no other key is made beside them.",
            fix=f"Put the key file back from a backup. {self._lost_for_good()}",
        )

    def _broken(self, why: str) -> StateError:
        return StateError(
            "vault-key-broken",
            f"The vault's key file {self.path} is not a key.",
            why=why,
            fix=f"Put the right key file back from a backup. {self._lost_for_good()}",
        )

    def _lost_for_good(self) -> str:
        home = self.path.parent
        return (
            f"Without one the secrets are lost: move {self.path.name}, the folder vault and state.db away from {home}, "
            "then run `compleat up`: it recreates the VMs and keeps the disks."
        )
