"""SQLite: all that its dialect of SQL and its driver ask for. Another database has another such file.

Takes a path, gives transactions. WAL mode with synchronous=FULL: what was acknowledged is on disk.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cpi.contract.values import EnvironmentItself, deployment_text

Connection = sqlite3.Connection
Row = sqlite3.Row
Error = sqlite3.Error
sqlite3.register_adapter(EnvironmentItself, deployment_text)


class Connections:
    """Connections to one file, each used by one transaction at a time and kept for the next one."""

    def __init__(self, path: Path, *, patience_s: float) -> None:
        self._path = path
        self._patience_s = patience_s
        self._free: list[Connection] = []

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that will write. It takes the lock at once: taken later it could be refused in the middle."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that writes nothing and does not wait."""
        with self._transaction("BEGIN") as connection:
            yield connection

    def close(self) -> None:
        """Close those that no transaction has."""
        while self._free:
            self._free.pop().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        with ExitStack() as failing:
            connection = self._take()
            failing.callback(connection.close)  # whatever it has begun is rolled back
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")
            failing.pop_all()
        self._free.append(connection)

    def _take(self) -> Connection:
        try:
            return self._free.pop()  # atomic: threads that ask at the same time get different ones
        except IndexError:
            return self._open()

    def _open(self) -> Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._patience_s, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        return connection
