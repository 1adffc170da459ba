"""SQLite: all that its dialect of SQL and its driver ask for. Another database has another such file.

Takes a path, gives an engine and statements. WAL mode with synchronous=FULL: what was acknowledged is on disk.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

_READS = "compleat_reads"


def open_engine(path: Path, *, patience_s: float) -> sa.Engine:
    """Transactions that will write; another's is waited for that long."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": patience_s})
    sa.event.listen(engine, "connect", _on_connect)
    sa.event.listen(engine, "begin", _on_begin)
    return engine


def reading(engine: sa.Engine) -> sa.Engine:
    """The same for transactions that write nothing: they do not wait."""
    return engine.execution_options(**{_READS: True})


def upsert(
    table: sa.Table, key: Mapping[str, object], values: Mapping[str, object], *, update: Mapping[str, object]
) -> sa.Executable:
    """Insert the row of that key, or update the one that is there."""
    return insert(table).values(**key, **values).on_conflict_do_update(index_elements=list(key), set_=dict(update))


def _on_connect(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _on_begin(connection: sa.Connection) -> None:
    """Who will write takes the lock at once: taken later it could be refused in the middle."""
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get(_READS) else "BEGIN IMMEDIATE")
