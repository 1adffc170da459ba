"""Connections to one file: who writes, who reads, and what is left of a transaction that fails."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from director.edge.state.sqlite import Connection, Connections, Error


@pytest.fixture
def connections(tmp_path: Path) -> Iterator[Connections]:
    connections = Connections(tmp_path / "state.db", patience_s=5.0)
    with connections.writing() as connection:
        connection.execute("CREATE TABLE seen (number INTEGER PRIMARY KEY)")
    yield connections
    connections.close()


def _numbers(connections: Connections) -> list[int]:
    with connections.reading() as connection:
        return [row["number"] for row in connection.execute("SELECT number FROM seen ORDER BY number")]


def test_a_transaction_that_fails_leaves_nothing_and_the_next_one_writes(connections: Connections) -> None:
    with pytest.raises(KeyboardInterrupt), connections.writing() as connection:
        connection.execute("INSERT INTO seen VALUES (1)")
        raise KeyboardInterrupt
    with pytest.raises(Error), connections.writing() as connection:
        connection.execute("INSERT INTO seen VALUES (2)")
        connection.execute("INSERT INTO seen VALUES (2)")
    with connections.writing() as connection:
        connection.execute("INSERT INTO seen VALUES (3)")
    assert _numbers(connections) == [3]


def test_one_connection_serves_transactions_that_follow_each_other(connections: Connections) -> None:
    used: set[Connection] = set()
    for _ in range(3):
        with connections.writing() as connection:
            used.add(connection)
        with connections.reading() as connection:
            used.add(connection)
    assert len(used) == 1


def test_a_reader_sees_one_state_while_another_writes(connections: Connections) -> None:
    with connections.reading() as reader:
        before = reader.execute("SELECT count(*) FROM seen").fetchone()[0]
        with connections.writing() as writer:
            writer.execute("INSERT INTO seen VALUES (1)")
        assert reader.execute("SELECT count(*) FROM seen").fetchone()[0] == before == 0
    assert _numbers(connections) == [1]


def test_writers_of_many_threads_wait_for_each_other(connections: Connections) -> None:
    def write(number: int) -> None:
        with connections.writing() as connection:
            highest = connection.execute("SELECT max(number) FROM seen").fetchone()[0] or 0
            connection.execute("INSERT INTO seen VALUES (?)", (highest + 1,))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _numbers(connections) == list(range(1, 21))


def test_what_is_acknowledged_is_synced_to_a_log(connections: Connections) -> None:
    with connections.reading() as connection:
        settings = [
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]


def test_nothing_holds_the_file_after_closing(connections: Connections, tmp_path: Path) -> None:
    connections.close()
    assert [path.name for path in tmp_path.iterdir()] == ["state.db"]
