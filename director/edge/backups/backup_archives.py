"""The Backups port: a tar archive whose first members are its inventory and the seal of that.

Takes paths, gives backups. Everything in the archive follows from the inventory, headers too, so it is compared byte
for byte. The seal is computed with the vault's key: only a holder of that can change a file unseen.
"""

import hashlib
import hmac
import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

from director.edge.backups import backup_inventory, home_content
from director.edge.backups.backup_inventory import (
    INVENTORY,
    KEY,
    SEAL,
    STATE,
    Inventory,
    InventoryEnvironment,
    InventoryFile,
    KeyPlace,
)
from director.edge.backups.home_content import HomeContent, HomeFile
from director.edge.backups.home_exchange import HomeExchange
from director.edge.machine import atomic_files, regular_files, tar_members
from director.edge.state import sqlite_snapshot
from director.errors import InputError, StateError
from director.model.backups import BackedUpEnvironment, HomeBackup, RestoredHome

_TRIES = 5
"""A file that is deleted or changed while it is written lets the whole begin again, with the state of then."""

_KEY_BYTES = 32


class LocalBackups:
    """Implements Backups for the home in one folder."""

    def __init__(self, home: Path) -> None:
        self._home = home

    def write(self, path: str, *, made_at: float, has_key: bool, has_all_blobs: bool) -> HomeBackup:
        moved = ""
        for _ in range(_TRIES):
            try:
                content = home_content.read_content(self._home, has_key=has_key, has_all_blobs=has_all_blobs)
                inventory = _inventory(content, made_at=made_at, has_all_blobs=has_all_blobs)
                return _write(Path(path).absolute(), content, inventory)
            except (FileNotFoundError, tar_members.UnlistedBytesError) as error:
                moved = str(getattr(error, "filename", None) or error)
            except OSError as error:
                raise atomic_files.storage_error(self._home, error) from error
        raise _missing(moved)

    def verify(self, path: str, *, key: str | None) -> HomeBackup:
        return self._read(path, key, partial(_copy, out=None, path=path))[0]

    def has_content(self) -> bool:
        return HomeExchange(self._home).has_content()

    def finish(self, path: str) -> RestoredHome | None:
        exchange = HomeExchange(self._home)
        with exchange.alone():
            begun = exchange.begun()
            if begun is None:
                return None
            former = exchange.finish()
        if begun.digest != _file_digest(path):
            return None
        return RestoredHome(backup=_read_description(path), former=former)

    def restore(self, path: str, *, key: str | None, stamp: str) -> RestoredHome:
        exchange = HomeExchange(self._home)
        with exchange.alone(), exchange.unpacking():
            backup, vault_key = self._read(path, key, partial(_unpack, root=exchange.new, path=path))
            if vault_key and not backup.has_key:
                atomic_files.replace_file(exchange.new / KEY, vault_key)
            if not sqlite_snapshot.is_whole(exchange.new / STATE, backup.revision):
                raise backup_inventory.damaged(path, "Its state is not whole")
            exchange.begin(_file_digest(path), stamp)
        with exchange.alone():
            return RestoredHome(backup=backup, former=exchange.finish())

    def _read(
        self, path: str, key: str | None, take: Callable[[BinaryIO, InventoryFile], None]
    ) -> tuple[HomeBackup, bytes]:
        """Read the archive once, each file by `take`; gives the vault's key, too."""
        try:
            with regular_files.open_file(Path(path)) as stream:
                text, seal, inventory = _read_head(stream, path)
                size = os.fstat(stream.fileno()).st_size
                wanted = tar_members.whole_size([len(text), len(seal), *(one.size for one in inventory.files)])
                if size != wanted:
                    raise backup_inventory.damaged(path, f"It has {size} bytes, and its inventory lists {wanted}")
                own_key = _take_files(stream, inventory, take, path=path)
        except tar_members.UnlistedBytesError as error:
            raise backup_inventory.damaged(path, str(error)) from error
        except OSError as error:
            raise _unreadable(path, error) from error
        vault_key = self._outer_key(key) if inventory.key is KeyPlace.OUTSIDE else own_key
        if not hmac.compare_digest(seal, backup_inventory.seal_of(vault_key, text)):
            raise _altered(path)
        return _described(path, inventory, size=size), vault_key

    def _outer_key(self, named: str | None) -> bytes:
        """The key in the file that was named, else that of the home."""
        place = Path(named) if named is not None else self._home / KEY
        try:
            with place.open("rb") as stream:
                found = stream.read(_KEY_BYTES + 1)
        except OSError as error:
            raise _without_key(place, error.strerror or "no reason given") from error
        if len(found) != _KEY_BYTES:
            raise _without_key(place, "it is not a key")
        return found


def _inventory(content: HomeContent, *, made_at: float, has_all_blobs: bool) -> Inventory:
    is_inside = any(file.listed.path == KEY for file in content.files)
    return Inventory(
        revision=content.revision,
        made_at=made_at,
        key=KeyPlace.INSIDE if is_inside else KeyPlace.OUTSIDE if content.key else KeyPlace.NONE,
        has_all_blobs=has_all_blobs,
        environments=tuple(
            InventoryEnvironment(name=one.name, deployments=one.deployments) for one in content.environments
        ),
        files=tuple(file.listed for file in content.files),
    )


def _write(target: Path, content: HomeContent, inventory: Inventory) -> HomeBackup:
    _require_replaceable(target)
    text = inventory.text()
    seal = backup_inventory.seal_of(content.key, text)

    def fill(out: BinaryIO) -> Path:
        for title, data in ((INVENTORY, text), (SEAL, seal)):
            out.write(tar_members.header(title, len(data)) + data + tar_members.padding(len(data)))
        for file in content.files:
            out.write(file.listed.header())
            _write_content(file, out)
            out.write(tar_members.padding(file.listed.size))
        out.write(tar_members.END)
        return target

    atomic_files.write_atomically(target.parent, fill)
    return _described(str(target), inventory, size=target.stat().st_size)


def _require_replaceable(target: Path) -> None:
    """A former backup may be replaced; any other file was named by mistake."""
    if not target.exists():
        return
    begin = INVENTORY.encode() + b"\0"
    if target.is_file():
        with target.open("rb") as stream:
            if stream.read(len(begin)) == begin:
                return
    raise InputError(
        "backup-over-another-file",
        f"{target} is there and is not a backup.",
        why="A backup replaces a former backup alone.",
        fix="Name another file, or remove this one.",
    )


def _write_content(file: HomeFile, out: BinaryIO) -> None:
    if file.content is not None:
        out.write(file.content)
        return
    try:
        with file.source.open("rb") as stream:
            digest = tar_members.copy_content(stream, file.listed.size, out)
    except FileNotFoundError as error:
        raise tar_members.UnlistedBytesError(str(file.source)) from error
    if digest != file.listed.sha256:
        raise tar_members.UnlistedBytesError(f"{file.source} has the SHA-256 {digest}")


def _read_head(stream: BinaryIO, path: str) -> tuple[bytes, bytes, Inventory]:
    text = tar_members.read_first(stream, INVENTORY, backup_inventory.MOST_INVENTORY_BYTES)
    seal = tar_members.read_first(stream, SEAL, backup_inventory.MOST_SEAL_BYTES) if text else None
    if text is None or seal is None:
        raise backup_inventory.damaged(path, f"It does not begin with {INVENTORY} and {SEAL}")
    return text, seal, backup_inventory.read_inventory(text, path)


def _read_description(path: str) -> HomeBackup:
    with regular_files.open_file(Path(path)) as stream:
        _, _, inventory = _read_head(stream, path)
        return _described(path, inventory, size=os.fstat(stream.fileno()).st_size)


def _take_files(
    stream: BinaryIO, inventory: Inventory, take: Callable[[BinaryIO, InventoryFile], None], *, path: str
) -> bytes:
    """Give the content of the vault's key, b"" without one."""
    key = b""
    for file in inventory.files:
        tar_members.expect(stream, file.header(), file.path)
        if file.path == KEY:
            held = io.BytesIO()
            _copy(stream, file, out=held, path=path)
            key = held.getvalue()
            take(io.BytesIO(key), file)
        else:
            take(stream, file)
        tar_members.expect(stream, tar_members.padding(file.size), file.path)
    tar_members.expect(stream, tar_members.END, "its end")
    return key


def _copy(stream: BinaryIO, file: InventoryFile, *, out: BinaryIO | None, path: str) -> None:
    digest = tar_members.copy_content(stream, file.size, out)
    if digest != file.sha256:
        raise backup_inventory.damaged(
            path, f"'{file.path}' has the SHA-256 {digest}, and its inventory lists {file.sha256}"
        )


def _unpack(stream: BinaryIO, file: InventoryFile, *, root: Path, path: str) -> None:
    place = root / file.path
    atomic_files.make_private(place.parent)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(place, flags, 0o600), "wb") as out:
            _copy(stream, file, out=out, path=path)
            out.flush()
            os.fchmod(out.fileno(), file.mode)
            os.fsync(out.fileno())
    except OSError as error:
        raise atomic_files.storage_error(place, error) from error


def _file_digest(path: str) -> str:
    """The SHA-256 of the file, "" for one that cannot be read."""
    try:
        with regular_files.open_file(Path(path)) as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def _described(path: str, inventory: Inventory, *, size: int) -> HomeBackup:
    return HomeBackup(
        path=path,
        made_at=inventory.made_at,
        revision=inventory.revision,
        environments=tuple(
            BackedUpEnvironment(name=one.name, deployments=one.deployments) for one in inventory.environments
        ),
        file_count=len(inventory.files),
        size=size,
        has_key=inventory.key is not KeyPlace.OUTSIDE,
        has_all_blobs=inventory.has_all_blobs,
    )


def _missing(path: str) -> StateError:
    return StateError(
        "backup-blob-missing",
        "The home cannot be backed up: a file that its state names is missing or changes all the time.",
        why=f"{path} was looked for {_TRIES} times. Uploaded releases exist nowhere but in the home.",
        fix="Upload the release again with `compleat upload-release --fix`, or delete it, then run the command again.",
    )


def _unreadable(path: str, error: OSError) -> InputError:
    return InputError(
        "backup-missing",
        f"The backup {path} cannot be read.",
        why=f"System error: {error.strerror}.",
        fix="Name a file that `compleat backup` wrote.",
    )


def _without_key(place: Path, reason: str) -> InputError:
    return InputError(
        "backup-without-key",
        "The backup was written without the vault's key, which is needed to restore it.",
        why=f"{place}: {reason}.",
        fix="Name the file of the key with --key; it is the vault.key of the home that was backed up.",
    )


def _altered(path: str) -> InputError:
    return InputError(
        "backup-altered",
        f"The backup {path} was changed since it was written, or belongs to another vault's key.",
        why="Its seal does not fit its inventory and the key.",
        fix="Name the right key with --key. If it is that one, do not use the file.",
    )
