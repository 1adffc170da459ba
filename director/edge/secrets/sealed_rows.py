"""Which columns of the state hold sealed documents, and whether any row has one.

Takes the database's path, gives yes or no. A sealed document is a blob; text is what versions before 0004 wrote.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

COLUMNS = {
    "environments": ("document", ("name",)),
    "deployments": ("document", ("environment", "name")),
    "runs": ("plan", ("id",)),
    "entries": ("document", ("run", "number")),
    "events": ("document", ("task", "number")),
    "plans": ("document", ("number",)),
    "configs": ("document", ("number",)),
}
"""By table: the sealed column, and the columns that name the row. A run's own document, which `tasks` lists, is
readable: who ran which command when, and how it ended. The last three are not there before
revisions 0006, 0007 and 0011."""

_QUERIES = tuple(f"SELECT 1 FROM {table} WHERE typeof({column}) = ? LIMIT 1" for table, (column, _) in COLUMNS.items())  # noqa: S608


def has_sealed(path: Path) -> bool:
    """Whether a row was sealed. A state that cannot be looked into counts as sealed: no key is made beside it."""
    return _has(path, "blob")


def has_plain(path: Path) -> bool:
    """Whether a row waits to be sealed, of a state that can be looked into."""
    return _has(path, "text")


def _has(path: Path, kind: str) -> bool:
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return any(connection.execute(query, (kind,)).fetchone() for query in _QUERIES)
    except sqlite3.DatabaseError as error:
        return "no such table" not in str(error)
