"""The Vault port for real: one encrypted file for each secret, the key outside.

Takes a folder and a key, gives secrets by name. AES-256-GCM; the secret's name is associated data, so that a file
put in another's place does not open.
"""

import base64
import hashlib
import importlib
import json
import os
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict

from cpi.contract.values import JsonValue
from director.edge.machine import atomic_files, regular_files
from director.edge.secrets.vault_key import VaultKey
from director.errors import StateError
from director.model import retired_secrets
from director.model.ca_transition import NEXT_KEY, CertificateFacts, SecretChange
from director.model.environments.desired import VariableSpec
from director.model.environments.state import SecretRecord

_ROOM = __name__.rpartition(".")[0]


class _Sealed(BaseModel):
    """What a file holds. The name is readable, so that secrets can be listed; the value is not."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    version: int
    nonce: str
    sealed: str


class VaultDir:
    """A folder (0700) of files (0600) and the key file beside it. Safe among threads and processes.

    The folder and the key are made when the first secret is written; nothing is made by looking.
    """

    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder = folder
        self.key = VaultKey(key_file, vault=folder)

    def make_secret(
        self, variable: VariableSpec, *, version: int = 1, change: SecretChange = SecretChange.GENERATE
    ) -> None:
        """Generate or change it unless that version is there; twice is once, also at the same time."""
        before = self._read(variable.name)
        if before and before.version >= version:
            return
        value: JsonValue
        if before and change is not SecretChange.GENERATE:
            value = _late("ca_values").changed_value(variable, change, self._open(before), look_up=self.get_secret)
        else:
            value = _late("mint").make_value(variable, self.get_secret)
        with self.key.locked():
            if self._version(variable.name) < version:
                self._write(variable.name, version, value)

    def sample_secret(self, variable: VariableSpec) -> JsonValue:
        """A value as `make_secret` would generate it, stored nowhere."""
        sample: JsonValue = _late("mint").make_sample(variable)
        return sample

    def put_secret(self, name: str, value: JsonValue) -> None:
        """Set it; its version grows by one."""
        with self.key.locked():
            before = self._read(name)
            self._write(name, before.version + 1 if before else 1, value)

    def restore_ssh_key(self, name: str, *, private_key: str, public_key: str) -> bool:
        """Store it unless there is one, if the halves belong together; whether there is one now."""
        value: JsonValue = _late("mint").remake_ssh(private_key, public_key)
        with self.key.locked():
            if value is not None and not self._version(name):
                self._write(name, 1, value)
            return self._version(name) > 0

    def get_secret(self, name: str) -> JsonValue:
        """The value. Raises StateError: secret-missing, secret-damaged, secret-unreadable, secret-sealed,
        vault-key-missing.
        """
        sealed = self._read(name)
        if sealed is None:
            raise StateError(
                "secret-missing",
                f"The vault has no secret '{name}'.",
                why="It was never generated, or its file was removed.",
                fix="Put the file back from a backup. `compleat deploy --regenerate NAME` regenerates a deployment's "
                "secret; `compleat up` restores an environment's.",
            )
        value = self._open(sealed)
        if isinstance(value, Mapping) and NEXT_KEY in value:
            return {member: each for member, each in value.items() if member != NEXT_KEY}
        return value

    def forget_secrets(self, prefix: str) -> None:
        """Remove all whose name begins with `prefix`."""
        if not self._folder.is_dir():
            return
        with self.key.locked():
            for sealed in self._all():
                if sealed.name.startswith(prefix):
                    self._path(sealed.name).unlink(missing_ok=True)

    def forget_secret(self, name: str) -> None:
        """Remove this one."""
        if self._folder.is_dir():
            with self.key.locked():
                self._path(name).unlink(missing_ok=True)

    def retire_secret(self, name: str) -> None:
        """Keep its value under its retired name."""
        with self.key.locked():
            sealed = self._read(name)
            if sealed is not None:
                self._write(retired_secrets.retired_name(name), sealed.version, self._open(sealed))

    def retired_secrets(self, prefix: str) -> tuple[str, ...]:
        """The secrets with a retired value, sorted."""
        names = (each.name for each in self._all() if retired_secrets.is_retired(each.name))
        return tuple(sorted(retired_secrets.name_of(each) for each in names if each.startswith(prefix)))

    def differing_from(self, pairs: Mapping[str, str]) -> frozenset[str]:
        """Those whose value is another one than that of the secret they map to."""
        return frozenset(name for name, other in pairs.items() if self._differ(name, other))

    def secret_versions(self, names: Iterable[str]) -> Mapping[str, int]:
        """The version of each, from 1; those that do not exist are left out.

        Raises StateError: secret-damaged, secret-unreadable.
        """
        found = {name: self._read(name) for name in names}
        return {name: sealed.version for name, sealed in found.items() if sealed}

    def shown_options(self, variable: VariableSpec) -> SecretRecord | None:
        """How the value says it was generated; None where nothing can be read of it."""
        shown_options = _late("shown_options")
        try:
            value, version = self.get_secret(variable.name), self._version(variable.name)
            kind: str = shown_options.type_of(value)
            same = kind == variable.type
            options = shown_options.options_of(variable, value, self.get_secret) if same else variable.options
        except (StateError, ValueError):
            return None
        return SecretRecord(version=version, type=kind, options=options) if kind else None

    def describe_certificates(self, names: Iterable[str]) -> Mapping[str, CertificateFacts]:
        """Those that are certificates and can be read."""
        found: dict[str, CertificateFacts] = {}
        for name in names:
            try:
                sealed = self._read(name)
                value = self._open(sealed) if sealed else None
                facts = _late("ca_values").facts_of(value) if isinstance(value, Mapping) else None
            except (StateError, ValueError):
                continue
            if facts:
                found[name] = facts
        return found

    def list_secrets(self, prefix: str) -> tuple[str, ...]:
        """The names that begin with `prefix`, sorted."""
        names = (sealed.name for sealed in self._all() if not retired_secrets.is_retired(sealed.name))
        return tuple(sorted(name for name in names if name.startswith(prefix)))

    def damaged_files(self) -> tuple[str, ...]:
        """The paths of files whose secret is unknown."""
        return tuple(str(path) for path in self._files() if self._whole(path) is None)

    def _differ(self, name: str, other: str) -> bool:
        try:
            sealed, second = self._read(name), self._read(other)
            return sealed is not None and second is not None and self._open(sealed) != self._open(second)
        except StateError:
            return False

    def _path(self, name: str) -> Path:
        return self._folder / f"{hashlib.sha256(name.encode()).hexdigest()}.json"

    def _version(self, name: str) -> int:
        """0 for one that is not there."""
        sealed = self._read(name)
        return sealed.version if sealed else 0

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob("*.json"))

    def _all(self) -> Iterator[_Sealed]:
        """The readable ones: a damaged file of one deployment does not block the others."""
        yield from (sealed for path in self._files() if (sealed := self._whole(path)))

    def _whole(self, path: Path) -> _Sealed | None:
        sealed = _load(path)
        return sealed if sealed and self._path(sealed.name) == path else None

    def _read(self, name: str) -> _Sealed | None:
        path = self._path(name)
        sealed = self._whole(path)
        if sealed is None and os.path.lexists(path):
            raise _damaged(name, path)
        return sealed

    def _write(self, name: str, version: int, value: JsonValue) -> None:
        nonce = os.urandom(12)
        sealed = AESGCM(self.key.make()).encrypt(nonce, json.dumps(value).encode(), _label(name, version))
        content = _Sealed(name=name, version=version, nonce=_text(nonce), sealed=_text(sealed))
        target = self._path(name)

        def fill(stream: BinaryIO) -> Path:
            stream.write(content.model_dump_json().encode())
            return target

        atomic_files.write_atomically(self._folder / "partial", fill)

    def _open(self, sealed: _Sealed) -> JsonValue:
        cipher = AESGCM(self.key.read())
        label = _label(sealed.name, sealed.version)
        try:
            raw = cipher.decrypt(base64.b64decode(sealed.nonce), base64.b64decode(sealed.sealed), label)
        except InvalidTag as error:
            raise self._sealed(sealed.name) from error
        except ValueError as error:
            raise _damaged(sealed.name, self._path(sealed.name)) from error
        value: JsonValue = json.loads(raw)
        return value

    def _sealed(self, name: str) -> StateError:
        return StateError(
            "secret-sealed",
            f"The secret '{name}' cannot be opened.",
            why=f"The key in {self.key.path} is not the one it was sealed with, or {self._path(name)} was changed.",
            fix="Put both back from a backup. Without one, move the secret's file away and run the command again: it "
            "lists the instances that use the secret and how to regenerate it.",
        )


def _late(module: str) -> types.ModuleType:
    """A module of this room that knows certificates, imported with its first use: that takes long, and plans without
    variables have none.
    """
    return importlib.import_module(f"{_ROOM}.{module}")


def _load(path: Path) -> _Sealed | None:
    """None for a file that is not there or that is no sealed secret.

    Raises StateError, code `secret-unreadable`: what could not be read may be whole, and must not pass for damaged
    or be left out of what is hidden.
    """
    try:
        return _Sealed.model_validate_json(regular_files.read_file(path))
    except (FileNotFoundError, IsADirectoryError, ValueError):
        return None
    except OSError as error:
        raise StateError(
            "secret-unreadable",
            f"The vault's file {path} could not be read.",
            why=f"System error: {error.strerror}.",
            fix="Check the file's owner and mode, the limit of open files (`ulimit -n`), and the disk; then run the "
            "same command again.",
        ) from error


def _label(name: str, version: int) -> bytes:
    return f"{name}\n{version}".encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _damaged(name: str, path: Path) -> StateError:
    return StateError(
        "secret-damaged",
        f"The vault's file of the secret '{name}' is damaged.",
        why=f"The content of {path} differs from what compleat wrote.",
        fix="Put that file back from a backup. Without one, move it away and run the command again: it lists the "
        "instances that use the secret and how to regenerate it.",
    )
