"""The state's lock is held for long: readers are not affected, and a writer gets an error."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from director.edge.state.sql_database import Database
from director.errors import LockedError
from tests.support import homes


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = homes.open_database(tmp_path, patience_s=0.1)
    yield opened
    opened.close()


@pytest.fixture
def held(database: Database) -> Iterator[None]:
    """Another's transaction, begun and not ended."""
    other = sqlite3.connect(database.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@pytest.mark.usefixtures("held")
def test_a_reader_waits_for_nobody(database: Database) -> None:
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone()[0] == 1


@pytest.mark.usefixtures("held")
def test_a_writer_is_told_that_another_is_writing(database: Database) -> None:
    with pytest.raises(LockedError) as caught, database.transaction():
        raise AssertionError("it has the lock")
    assert (caught.value.code, str(database.path) in caught.value.what) == ("state-locked", True)


def test_after_it_a_writer_writes(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("CREATE TABLE seen (number INTEGER)")
    with database.reading() as connection:
        assert connection.execute("SELECT count(*) FROM seen").fetchone()[0] == 0
