"""The database of the state store: opened, its schema checked, transactions on it.

Takes a file's path, gives connections. SQLite in WAL mode with synchronous=FULL: what was acknowledged is on disk.
"""

import fcntl
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from director.edge import sql_tables, whole_files
from director.errors import LockedError, StateError

_LEAST_BYTES = 64 * 1024
_PATIENCE_S = 30.0
_READS = "compleat_reads"


class Database:
    """One SQLite file. Safe among threads and processes. Another's transaction is waited for `patience_s`."""

    def __init__(self, path: Path, *, patience_s: float = _PATIENCE_S) -> None:
        self.path = path
        _check_schema(path)
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
            raise _explained(self.path, error) from error

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A consistent look; writes nothing, and waits for nobody who does."""
        try:
            with self._readers.connect() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise _explained(self.path, error) from error

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


def _check_schema(path: Path) -> None:
    """Upgrade an older schema, refuse a newer one; one raw SELECT when nothing is to do."""
    revision = _revision(path)
    if revision == sql_tables.REVISION:
        return
    if revision > sql_tables.REVISION:
        raise StateError(
            "state-version",
            f"The state in {path} was written by a later version of compleat.",
            why=f"Its schema is {revision}; this version knows {sql_tables.REVISION}.",
            fix="Install that later version, or point COMPLEAT_HOME elsewhere.",
        )
    _upgrade(path)


def _revision(path: Path) -> str:
    if not path.exists():
        return ""
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return ""
        raise _refusal(path, str(error)) from error
    except sqlite3.DatabaseError as error:
        raise _refusal(path, str(error)) from error
    return str(row[0]) if row else ""


def _upgrade(path: Path) -> None:
    with whole_files.open_lock(path.with_suffix(".upgrading")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if _revision(path) == sql_tables.REVISION:
            return
        path.touch(mode=0o600)
        done = subprocess.run(
            [sys.executable, "-m", "director.edge.sql_upgrade"],
            input=f"sqlite:///{path}\n",
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise _unreadable(path, done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "no reason given")


def _explained(path: Path, error: sa.exc.DBAPIError) -> StateError:
    return _refusal(path, str(error.orig))


def _refusal(path: Path, text: str) -> StateError:
    if "full" in text or ("I/O error" in text and _has_no_room(path)):
        return StateError(
            "disk-full",
            f"No space left for the state in {path}.",
            why=f"SQLite said: {text}. What was acknowledged before is safe.",
            fix="Free some space, then run the same command again: it goes on where it stopped.",
        )
    if "locked" in text:
        return LockedError(
            "state-locked",
            f"Another compleat is writing the state in {path}, and does not come to an end.",
            why=f"SQLite said: {text}. It was waited for. Perhaps it is suspended (Ctrl-Z), or its disk hangs.",
            fix=f"Let it go on or end it (`fuser {path}` names it), then run the same command again.",
        )
    return _unreadable(path, text)


def _has_no_room(path: Path) -> bool:
    """Whether not even the shared memory of the write-ahead log fits: SQLite calls that an I/O error."""
    free = os.statvfs(path.parent)
    return free.f_bavail * free.f_frsize < _LEAST_BYTES


def _unreadable(path: Path, reason: str) -> StateError:
    return StateError(
        "state-unreadable",
        f"The state in {path} cannot be read or written.",
        why=f"SQLite said: {reason}.",
        fix="Check who owns the file and its folder; a damaged file can be moved away: the clouds still know what is "
        "ours, and `compleat down` finds it.",
    )
