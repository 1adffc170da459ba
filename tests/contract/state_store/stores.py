"""Every implementation of StateStore and Journal, over the same storage.

Takes a directory, gives a pair.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.ports.journal import Journal
from director.ports.state_store import StateStore
from tests.support import homes
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_store import MemoryStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    store: StateStore
    journal: Journal
    close: Callable[[], None]


def _in_memory(_folder: Path) -> Stores:
    store = MemoryStore()
    return Stores(store=store, journal=MemoryJournal(store), close=lambda: None)


def _in_sqlite(folder: Path) -> Stores:
    database = homes.open_database(folder)
    store = SqlStore(database, folder / "leases")
    return Stores(store=store, journal=SqlJournal(database), close=database.close)


STORES: Mapping[str, Callable[[Path], Stores]] = {"memory": _in_memory, "sqlite": _in_sqlite}
