"""The database of the state store: transactions on it, whatever kind of database it is.

Takes the paths of the file and of the key that seals documents in it, gives connections.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from director.edge.secrets.sealing import Sealing
from director.edge.secrets.vault_key import VaultKey
from director.edge.state import sql_refusals, sqlite, sqlite_schema
from director.edge.state.sql_documents import SqlDocuments

_PATIENCE_S = 30.0


class Database:
    """One SQLite file. Safe among threads and processes. Another's transaction is waited for `patience_s`.

    `documents` are its sealed columns.
    """

    def __init__(self, path: Path, key: VaultKey, *, patience_s: float = _PATIENCE_S) -> None:
        self.path = path
        self.documents = SqlDocuments(path, Sealing(key))
        sqlite_schema.upgrade(path, key)
        self._engine = sqlite.open_engine(path, patience_s=patience_s)
        self._readers = sqlite.reading(self._engine)

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
        """A consistent read; writes nothing and does not wait for writers."""
        try:
            with self._readers.connect() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise sql_refusals.refusal(self.path, str(error.orig)) from error

    def upsert(
        self, table: sa.Table, key: Mapping[str, object], values: Mapping[str, object], *, update: Mapping[str, object]
    ) -> sa.Executable:
        """Insert the row of that key, or update the one that is there."""
        return sqlite.upsert(table, key, values, update=update)

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()
