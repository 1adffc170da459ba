"""What of a home belongs into a backup, as it was at one moment.

Takes the home's folder, gives files. The vault's lock is held while state and vault are read: a secret is written
before the state names it, so the state names no secret that is not read. Tarballs are looked up after the state.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from cpi.contract.value_classes import dataclass
from director.edge.backups import backup_inventory
from director.edge.backups.backup_inventory import KEY, STATE, InventoryFile
from director.edge.machine import tar_members
from director.edge.secrets.vault_key import VaultKey
from director.edge.state import sqlite_snapshot
from director.errors import InputError
from director.model.backups import BackedUpEnvironment
from director.model.ids import Digest

_OWN_FOLDERS = ("environments", "cloud-configs", "parameters")
_CACHES = ("blobs/sha256", "blobs/compiled", "releases/known", "releases/packed")


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFile:
    """One file: `content` is all of it, or None for one that is read from `source` when it is written."""

    listed: InventoryFile
    source: Path
    content: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContent:
    """All files, by path. `key` is the vault's, b"" where there is none yet."""

    files: tuple[HomeFile, ...]
    environments: tuple[BackedUpEnvironment, ...]
    revision: str
    key: bytes


def read_content(home: Path, *, has_key: bool, has_all_blobs: bool) -> HomeContent:
    """The home's content. Raises InputError, code `backup-of-nothing`; FileNotFoundError for a tarball that is gone."""
    if not (home / STATE).is_file():
        raise _nothing(home)
    vault_key = VaultKey(home / KEY, vault=home / "vault")
    with vault_key.locked():
        state = sqlite_snapshot.take_snapshot(home / STATE)
        vault = [_held(path, home) for path in sorted((home / "vault").glob("*.json"))]
        key = vault_key.read() if vault_key.path.exists() else b""
    tarballs = tuple(dict.fromkeys(_blob_path(home, release.digest) for release in state.releases))
    files = [
        _file(STATE, home / STATE, state.content),
        *([_file(KEY, home / KEY, key)] if key and has_key else []),
        *vault,
        *(_held(path, home) for path in _found(home, _OWN_FOLDERS) if has_key or path.name != "ssh_key"),
        *(_measured(path, home) for path in _found(home, ("bundles",))),
        *(_blob(path, home) for path in tarballs),
        *(_cached(path, home) for path in _found(home, _CACHES if has_all_blobs else ()) if path not in tarballs),
    ]
    return HomeContent(
        files=tuple(sorted(files, key=lambda file: file.listed.path)),
        environments=state.environments,
        revision=state.revision,
        key=key,
    )


def _blob_path(home: Path, digest: Digest) -> Path:
    value = digest.partition(":")[2]
    return home / "blobs" / "sha256" / value[:2] / value[2:]


def _found(home: Path, folders: Sequence[str]) -> Iterator[Path]:
    """Regular files, and links to such; one of a name that no archive takes was not written by compleat."""
    for folder in folders:
        for path in sorted((home / folder).rglob("*")):
            parts = path.relative_to(home).parts
            if _is_kept(parts) and path.is_file() and backup_inventory.is_fit("/".join(parts)):
                yield path


def _is_kept(parts: Sequence[str]) -> bool:
    """Outputs of errands are no state, and what begins with a dot beside unpacked bundles is under way."""
    if parts[0] == "bundles":
        return not parts[1].startswith(".")
    return parts[0] != "environments" or parts[2:3] != ("errands",)


def _held(path: Path, home: Path) -> HomeFile:
    return _file(path.relative_to(home).as_posix(), path, path.read_bytes())


def _file(name: str, source: Path, content: bytes) -> HomeFile:
    listed = InventoryFile(path=name, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    return HomeFile(listed=listed, source=source, content=content)


def _measured(path: Path, home: Path) -> HomeFile:
    """A file that may be large: its content is read again when it is written."""
    status = path.stat()
    with path.open("rb") as stream:
        digest = tar_members.copy_content(stream, status.st_size, None)
    listed = InventoryFile(
        path=path.relative_to(home).as_posix(),
        size=status.st_size,
        sha256=digest,
        executable=bool(status.st_mode & 0o100),
    )
    return HomeFile(listed=listed, source=path, content=None)


def _blob(path: Path, home: Path) -> HomeFile:
    """A blob's name is its digest; it is verified when it is written."""
    listed = InventoryFile(
        path=path.relative_to(home).as_posix(), size=path.stat().st_size, sha256=f"{path.parent.name}{path.name}"
    )
    return HomeFile(listed=listed, source=path, content=None)


def _cached(path: Path, home: Path) -> HomeFile:
    return _blob(path, home) if "sha256" in path.parts else _held(path, home)


def _nothing(home: Path) -> InputError:
    return InputError(
        "backup-of-nothing",
        f"There is nothing to back up in {home}.",
        why="It has no state: no command has changed anything here yet.",
        fix="Set COMPLEAT_HOME to the home to back up.",
    )
