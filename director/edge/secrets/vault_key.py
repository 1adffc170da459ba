"""The key that the home's secrets are sealed with, in the vault and in the state: one file, made once, never replaced.

Takes the file's path, gives 32 bytes. The data sealed by the key is beside it: the folder `vault`, and rows of
`state.db`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from director.edge.machine import atomic_files, regular_files
from director.edge.secrets import sealed_rows
from director.errors import StateError

_BYTES = 32


class VaultKey:
    """Where anything was sealed, the key that did it is the only one."""

    def __init__(self, path: Path, *, vault: Path) -> None:
        self.path = path
        self.vault = vault
        self._state = path.with_name("state.db")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one who makes a key or a secret."""
        with atomic_files.locked(self.vault / "lock"):
            yield

    def read(self) -> bytes:
        """The key. Raises StateError: vault-key-missing, vault-key-broken, vault-key-unreadable."""
        try:
            key = regular_files.read_file(self.path)
        except FileNotFoundError as error:
            raise self._missing() from error
        except OSError as error:
            raise self._unreadable(error) from error
        if len(key) != _BYTES:
            raise self._broken(f"Expected {_BYTES} bytes, got {len(key)}.")
        return key

    def make(self) -> bytes:
        """The key, made if nothing was sealed yet. Call it while locked. Raises what `read` raises."""
        if not self._is_there() and not self._has_sealed():
            self._make_first()
        return self.read()

    def _is_there(self) -> bool:
        return self.path.is_file() and self.path.stat().st_size > 0

    def _has_sealed(self) -> bool:
        return any(self.vault.glob("*.json")) or sealed_rows.has_sealed(self._state)

    def _make_first(self) -> None:
        """An empty file, which an earlier version could leave when the disk was full, never sealed anything."""
        key = AESGCM.generate_key(bit_length=8 * _BYTES)
        if not atomic_files.create_file(self.path, key) and self.path.is_file() and not self.path.stat().st_size:
            atomic_files.replace_file(self.path, key)

    def _missing(self) -> StateError:
        return StateError(
            "vault-key-missing",
            f"The vault's key file {self.path} is missing.",
            why="Only this key opens the records of the vault and the state, so compleat creates no other key.",
            fix=f"Put the key file back from a backup. {self._unrecoverable()}",
        )

    def _unreadable(self, error: OSError) -> StateError:
        return StateError(
            "vault-key-unreadable",
            f"The vault's key file {self.path} could not be read.",
            why=f"System error: {error.strerror}.",
            fix="Check the file's owner and mode, the limit of open files (`ulimit -n`), and the disk; then run the "
            "same command again.",
        )

    def _broken(self, why: str) -> StateError:
        return StateError(
            "vault-key-broken",
            f"The vault's key file {self.path} is not a key.",
            why=why,
            fix=f"Put the right key file back from a backup. {self._unrecoverable()}",
        )

    def _unrecoverable(self) -> str:
        home = self.path.parent
        return (
            f"Without one the secrets are lost: move {self.path.name}, the folder vault and state.db (with -wal and "
            f"-shm) away from {home}, then run `compleat up` and deploy each manifest again: VMs are recreated; disks "
            "are found by their owner keys and kept."
        )
