"""The database of the state store: transactions on it, whatever kind of database it is.

Takes the paths of the file and of the key that seals documents in it, gives connections. Statements are SQL that any
database takes, with values by name.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from director.edge.secrets.sealing import Sealing
from director.edge.secrets.vault_key import VaultKey
from director.edge.state import sql_refusals, sqlite, sqlite_schema
from director.edge.state.sql_documents import SqlDocuments
from director.edge.state.sqlite import Connection as Connection
from director.edge.state.sqlite import Row as Row

_PATIENCE_S = 30.0


class Database:
    """One SQLite file. Safe among threads and processes. Another's transaction is waited for `patience_s`.

    `documents` are its sealed columns.
    """

    def __init__(self, path: Path, key: VaultKey, *, patience_s: float = _PATIENCE_S) -> None:
        self.path = path
        self.documents = SqlDocuments(path, Sealing(key))
        sqlite_schema.upgrade(path, key)
        self._connections = sqlite.Connections(path, patience_s=patience_s)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """All or nothing; on disk at exit. Raises StateError: disk-full, state-locked, state-unreadable."""
        try:
            with self._connections.writing() as connection:
                yield connection
        except sqlite.Error as error:
            raise sql_refusals.refusal(self.path, str(error)) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent read; writes nothing and does not wait for writers."""
        try:
            with self._connections.reading() as connection:
                yield connection
        except sqlite.Error as error:
            raise sql_refusals.refusal(self.path, str(error)) from error

    def close(self) -> None:
        """Let go of the file."""
        self._connections.close()


def insert(connection: Connection, table: str, row: Mapping[str, object]) -> int:
    """Insert the row, give its number."""
    return connection.execute(_insert(table, row), row).lastrowid or 0


def upsert(connection: Connection, table: str, key: Mapping[str, object], *, values: Mapping[str, object]) -> None:
    """Insert the row of that key, or set the values of the one that is there."""
    row = {**key, **values}
    changed = ", ".join(f"{name} = excluded.{name}" for name in values)
    connection.execute(f"{_insert(table, row)} ON CONFLICT ({', '.join(key)}) DO UPDATE SET {changed}", row)


def first_value(connection: Connection, query: str, values: Mapping[str, object]) -> object:
    """The first column of the first row; None where there is none."""
    row = connection.execute(query, values).fetchone()
    return row[0] if row else None


def next_number(connection: Connection, table: str) -> int:
    """One above the highest number that a row of the table has."""
    row = connection.execute(f"SELECT max(number) FROM {table}").fetchone()  # noqa: S608  the code's own name
    return int(row[0] or 0) + 1


def _insert(table: str, row: Mapping[str, object]) -> str:
    """The names are those of the code; the values go by name."""
    return f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})"  # noqa: S608
