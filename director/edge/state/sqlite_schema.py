"""The schema of a state store in a SQLite file: created, or brought to the revision that this version speaks.

Takes the paths of the file and of the key that seals documents in it.
"""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from director.edge.machine import atomic_files
from director.edge.secrets import sealed_rows
from director.edge.secrets.vault_key import VaultKey
from director.edge.state import newest_schema, sql_refusals

REVISION = "0011"
"""The schema that this code speaks; `migrations/versions` leads to it from any earlier one."""


def upgrade(path: Path, key: VaultKey) -> None:
    """Upgrade an older schema, refuse a newer one; one raw SELECT when nothing is to do."""
    revision = _revision(path)
    if revision == REVISION:
        return
    if revision > REVISION:
        raise sql_refusals.newer_schema(path, revision, REVISION)
    _upgrade(path, key)


def _revision(path: Path) -> str:
    if not path.exists():
        return ""
    if path.is_file() and not path.stat().st_size:
        raise sql_refusals.emptied(path)
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return ""
        raise sql_refusals.refusal(path, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise sql_refusals.refusal(path, str(error)) from error
    return str(row[0]) if row else ""


def _upgrade(path: Path, key: VaultKey) -> None:
    with atomic_files.locked(path.with_suffix(".upgrading")):
        revision = _revision(path)
        if revision == REVISION:
            return
        if path.exists():
            _run_upgrade(path, key)
        else:
            _create(path)


def _create(path: Path) -> None:
    """A new state gets its name when it is whole: one that is there and empty was emptied."""
    new = path.with_suffix(".new")
    for name in (new, new.with_name(f"{new.name}-journal"), *_logs(new)):
        name.unlink(missing_ok=True)
    try:
        new.touch(mode=0o600)
        newest_schema.create(new, REVISION)
        _put_logs_aside(path)
        atomic_files.publish(new, path)
    except sqlite3.DatabaseError as error:
        raise sql_refusals.refusal(new, str(error)) from error
    except OSError as error:
        raise atomic_files.storage_error(path, error) from error
    finally:
        new.unlink(missing_ok=True)


def _logs(path: Path) -> tuple[Path, Path]:
    """The write-ahead log and its index, beside the database."""
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _put_logs_aside(path: Path) -> None:
    """The log of a state that was moved away would be replayed into the new one."""
    log, index = _logs(path)
    index.unlink(missing_ok=True)
    if log.exists():
        log.rename(log.with_name(f"{log.name}.old"))


def _run_upgrade(path: Path, key: VaultKey) -> None:
    """Documents that an earlier version wrote are sealed; without any no key is needed, nor made."""
    if sealed_rows.has_plain(path):
        with key.locked():
            key.make()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "director.edge.state.sql_upgrade"],
        input=f"{path}\n{key.path}\n{key.vault}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise sql_refusals.refusal(path, (done.stderr.strip().splitlines() or ["no reason given"])[-1])
