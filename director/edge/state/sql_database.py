"""The database of the state store: opened, its schema checked, transactions on it.

Takes the paths of the file and of the key that seals documents in it, gives connections. SQLite in WAL mode with
synchronous=FULL: what was acknowledged is on disk.
"""

import fcntl
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from director.edge.machine import whole_files
from director.edge.secrets import sealed_rows
from director.edge.secrets.sealing import Sealing
from director.edge.secrets.vault_key import VaultKey
from director.edge.state import sql_refusals, sql_tables
from director.edge.state.sql_documents import SqlDocuments

_PATIENCE_S = 30.0
_READS = "compleat_reads"


class Database:
    """One SQLite file. Safe among threads and processes. Another's transaction is waited for `patience_s`.

    `documents` are its sealed columns.
    """

    def __init__(self, path: Path, key: VaultKey, *, patience_s: float = _PATIENCE_S) -> None:
        self.path = path
        self.documents = SqlDocuments(path, Sealing(key))
        _check_schema(path, key)
        self._engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": patience_s})
        self._readers = self._engine.execution_options(**{_READS: True})
        sa.event.listen(self._engine, "connect", _on_connect)
        sa.event.listen(self._engine, "begin", _on_begin)

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """All or nothing; on disk at exit. Raises StateError: disk-full, state-locked, state-unreadable."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise sql_refusals.refusal(self.path, str(error.orig)) from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent look; writes nothing, and waits for nobody who does."""
        try:
            with self._readers.connect() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise sql_refusals.refusal(self.path, str(error.orig)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    """Who will write takes the lock at once: taken later it could be refused in the middle."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")


def _check_schema(path: Path, key: VaultKey) -> None:
    """Upgrade an older schema, refuse a newer one; one raw SELECT when nothing is to do."""
    revision = _revision(path)
    if revision == sql_tables.REVISION:
        return
    if revision > sql_tables.REVISION:
        raise sql_refusals.later_version(path, revision, sql_tables.REVISION)
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
    with whole_files.open_lock(path.with_suffix(".upgrading")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        revision = _revision(path)
        if revision == sql_tables.REVISION:
            return
        if path.exists():
            _run_upgrade(path, key)
        else:
            _create(path, key)


def _create(path: Path, key: VaultKey) -> None:
    """A new state gets its name when it is whole: one that is there and empty was emptied."""
    new = path.with_suffix(".new")
    for name in (new, new.with_name(f"{new.name}-journal"), *_logs(new)):
        name.unlink(missing_ok=True)
    try:
        new.touch(mode=0o600)
        _run_upgrade(new, key)
        _put_logs_aside(path)
        whole_files.publish(new, path)
    except OSError as error:
        raise whole_files.storage_error(path, error) from error
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
