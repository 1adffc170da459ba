"""The Vault port for real: one encrypted file for each secret, the key outside.

Takes a folder and a key, gives secrets by name. AES-256-GCM; the secret's name is associated data, so that a file
put in another's place does not open.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

from cpi.values import JsonValue
from director.edge import mint, whole_files
from director.errors import StateError
from director.model.desired import VariableSpec


class _Sealed(BaseModel):
    """What a file holds. The name is readable, so that secrets can be listed; the value is not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int
    nonce: str
    sealed: str


class VaultDir:
    """A folder (0700) of files (0600) and the key file beside it. Safe among threads and processes."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder = folder
        self._cipher = AESGCM(_load_key(folder, key_file))

    def make_secret(self, variable: VariableSpec) -> None:
        """Generate it unless it is there; twice is once, also at the same time."""
        if self._path(variable.name).exists():
            return
        value = mint.make_value(variable, self.get_secret)
        with self._locked():
            if not self._path(variable.name).exists():
                self._write(variable.name, 1, value)

    def put_secret(self, name: str, value: JsonValue) -> None:
        """Set it; its version grows by one."""
        with self._locked():
            before = self._read(name)
            self._write(name, before.version + 1 if before else 1, value)

    def get_secret(self, name: str) -> JsonValue:
        """The value. Raises StateError: secret-missing, secret-sealed."""
        sealed = self._read(name)
        if sealed is None:
            raise StateError(
                "secret-missing",
                f"The vault has no secret '{name}'.",
                why="It was never made, or the vault was removed.",
                fix="Run the deploy again: what the manifest declares under 'variables' is made then.",
            )
        return self._open(sealed)

    def forget_secrets(self, prefix: str) -> None:
        """Remove all whose name begins with `prefix`."""
        with self._locked():
            for sealed in self._all():
                if sealed.name.startswith(prefix):
                    self._path(sealed.name).unlink(missing_ok=True)

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        """How often each was made anew; those that do not exist are left out."""
        found = {name: self._read(name) for name in names}
        return {name: sealed.version for name, sealed in found.items() if sealed}

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        """The names that begin with `prefix`, sorted."""
        return tuple(sorted(sealed.name for sealed in self._all() if sealed.name.startswith(prefix)))

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def _read(self, name: str) -> _Sealed | None:
        try:
            return _Sealed.model_validate_json(self._path(name).read_bytes())
        except FileNotFoundError:
            return None
        except ValueError as error:
            raise _sealed(name, "its file is not whole") from error

    def _all(self) -> Iterator[_Sealed]:
        for path in sorted(self._folder.glob("*.json")):
            yield _Sealed.model_validate_json(path.read_bytes())

    def _write(self, name: str, version: int, value: JsonValue) -> None:
        nonce = os.urandom(12)
        sealed = self._cipher.encrypt(nonce, json.dumps(value).encode(), _label(name, version))
        content = _Sealed(name=name, version=version, nonce=_text(nonce), sealed=_text(sealed))
        target = self._path(name)

        def fill(stream: BinaryIO) -> Path:
            stream.write(content.model_dump_json().encode())
            return target

        whole_files.write_whole(self._folder / "partial", fill)

    def _open(self, sealed: _Sealed) -> JsonValue:
        try:
            raw = self._cipher.decrypt(
                base64.b64decode(sealed.nonce), base64.b64decode(sealed.sealed), _label(sealed.name, sealed.version)
            )
        except InvalidTag as error:
            raise _sealed(sealed.name, "the key does not fit") from error
        value: JsonValue = json.loads(raw)
        return value

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _load_key(folder: Path, key_file: Path) -> bytes:
    """The key, made at the first use: never over one that is there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _checked_key(key_file)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(AESGCM.generate_key(bit_length=256))
        stream.flush()
        os.fsync(stream.fileno())
    return _checked_key(key_file)


def _checked_key(key_file: Path) -> bytes:
    key = key_file.read_bytes()
    if len(key) != 32:
        raise StateError(
            "vault-key-broken",
            f"The vault's key file {key_file} is not a key.",
            why=f"It has {len(key)} bytes; a key has 32.",
            fix="Put the right key file back; without it the secrets cannot be read.",
        )
    return key


def _label(name: str, version: int) -> bytes:
    return f"{name}\n{version}".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _sealed(name: str, reason: str) -> StateError:
    return StateError(
        "secret-sealed",
        f"The secret '{name}' cannot be opened.",
        why=f"For {reason}.",
        fix="Put the vault's right key file back, or delete the secret and deploy again.",
    )
