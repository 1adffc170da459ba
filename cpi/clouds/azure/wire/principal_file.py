"""A principal's file of mode 0600: read for signing in, written by `create-principal`.

Takes paths, gives Principals. While a secret is being created, `FILE.begun` is next to the file: the names of secrets
that may exist at Azure without a record here.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import field
from pathlib import Path
from typing import Any

from cpi.contract.errors import ConflictError, DeniedError
from cpi.contract.value_classes import dataclass
from cpi.kit import private_folders


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """`key_id` and `expires` (ISO time) are the secret's; "" if unknown."""

    client_id: str
    client_secret: str = field(repr=False)
    tenant_id: str = ""
    key_id: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnfinishedSecrets:
    """Requested secrets by name, and the key ids of those that they replace."""

    names: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()


class BegunFile:
    """The record while this process holds it exclusively."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        text = os.pread(descriptor, 1 << 20, 0).decode() or "{}"
        found = json.loads(text)
        self.begun = UnfinishedSecrets(names=tuple(found.get("names", ())), replaced=tuple(found.get("replaced", ())))

    def note(self, begun: UnfinishedSecrets) -> None:
        """On disk when this returns."""
        text = json.dumps({"names": begun.names, "replaced": begun.replaced}).encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)
        os.fsync(self._descriptor)
        self.begun = begun


def place_of(path: str) -> Path:
    """Where the file is; `~` is the user's home."""
    return Path(path).expanduser()


def read(path: str) -> Principal:
    """What a file holds that only its owner reads. Raises DeniedError, code principal-file-unusable."""
    try:
        with open(place_of(path), encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise _unfit(path, "Users other than its owner may read it.", f"Run `chmod 600 {path}`.")
            found: dict[str, Any] = json.load(file)
        return Principal(
            client_id=str(found["client_id"]),
            client_secret=str(found["client_secret"]),
            tenant_id=str(found.get("tenant_id", "")),
            key_id=str(found.get("key_id", "")),
            expires=str(found.get("expires", "")),
        )
    except FileNotFoundError as error:
        fix = "Run `compleat azure create-principal` for the environment, or correct `path` in its file."
        raise _unfit(path, "The file does not exist.", fix) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        fix = "Write it again, or correct `path` in the environment's file."
        raise _unfit(path, f"It cannot be read: {type(error).__name__}.", fix) from error


def find(path: str) -> Principal | None:
    """The same; None: there is no file."""
    return read(path) if place_of(path).exists() else None


def save(path: str, principal: Principal) -> None:
    """Complete and on disk on return; only its owner could ever read it."""
    place = place_of(path)
    partial = place.with_name(f"{place.name}.new")
    partial.unlink(missing_ok=True)
    names = ("client_id", "client_secret", "tenant_id", "key_id", "expires")
    text = json.dumps({name: getattr(principal, name) for name in names}, indent=2)
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{text}\n")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(place)
    _sync_folder(place.parent)


@contextmanager
def holding(path: str) -> Iterator[BegunFile]:
    """The record of unfinished secrets, for one process at a time; deleted when it is empty.

    Raises ConflictError, code principal-busy.
    """
    place = place_of(path)
    begun = place.with_name(f"{place.name}.begun")
    descriptor = _open_private(begun, path)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ConflictError(
                "principal-busy",
                f"Another process is creating the principal of '{path}'.",
                why=f"It holds {begun}.",
                fix="Wait until it has finished.",
            ) from error
        held = BegunFile(descriptor)
        try:
            yield held
        finally:
            if held.begun == UnfinishedSecrets():
                begun.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _open_private(begun: Path, path: str) -> int:
    try:
        private_folders.make_private(begun.parent)
        descriptor = os.open(begun, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _sync_folder(begun.parent)
    except OSError as error:
        raise _unfit(path, f"It cannot be written: {error.strerror}.", "Choose another `path`.") from error
    return descriptor


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _unfit(path: str, why: str, fix: str) -> DeniedError:
    return DeniedError("principal-file-unusable", f"The principal's file '{path}' cannot be used.", why=why, fix=fix)
