"""The state's file as of one moment, in memory; and whether another file is a state.

Takes paths, gives bytes and what can be read in them without a key.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from cpi.contract.value_classes import dataclass
from director.edge.state import sql_documents
from director.model.backups import BackedUpEnvironment
from director.model.releases.uploaded_release import UploadedRelease

_PATIENCE_S = 30.0
_DEPLOYMENTS = "SELECT name FROM deployments WHERE environment = ? AND name <> '' ORDER BY name"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSnapshot:
    """`content` is a database's file, `revision` its schema."""

    content: bytes
    revision: str
    environments: tuple[BackedUpEnvironment, ...]
    releases: tuple[UploadedRelease, ...]


def take_snapshot(path: Path) -> StateSnapshot:
    """Copy the database as of one transaction, which waits for no writer and lets none wait."""
    with (
        closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=_PATIENCE_S)) as source,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        return StateSnapshot(
            content=_without_log(copy.serialize()),
            revision=str(copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]),
            environments=_environments(copy),
            releases=_releases(copy, path),
        )


def is_whole(path: Path, revision: str) -> bool:
    """Whether the file is a state of that schema, by SQLite's own check; nothing is written beside it."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as connection:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            checked = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError:
        return False
    return bool(found == (revision,) and checked == ("ok",))


def _without_log(database: bytes) -> bytes:
    """The header's two bytes that ask for a write-ahead log, which a copy does not have, are set to ask for none.

    Source: https://www.sqlite.org/fileformat.html, "File format version numbers".
    """
    return database[:18] + b"\x01\x01" + database[20:]


def _environments(copy: sqlite3.Connection) -> tuple[BackedUpEnvironment, ...]:
    names = [str(row[0]) for row in copy.execute("SELECT name FROM environments ORDER BY name")]
    return tuple(
        BackedUpEnvironment(name=name, deployments=tuple(str(row[0]) for row in copy.execute(_DEPLOYMENTS, (name,))))
        for name in names
    )


def _releases(copy: sqlite3.Connection, path: Path) -> tuple[UploadedRelease, ...]:
    rows = copy.execute("SELECT name, document FROM releases").fetchall()
    return tuple(
        sql_documents.read_value(UploadedRelease, str(document), path, whose=f"release '{name}'")
        for name, document in rows
    )
