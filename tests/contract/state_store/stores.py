"""Every implementation of the ports that keep state, over the same storage.

Takes a directory, gives a pair.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_configs import SqlConfigs
from director.edge.state.sql_events import SqlEvents
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_plans import SqlPlans
from director.edge.state.sql_releases import SqlReleases
from director.edge.state.sql_store import SqlStore
from director.edge.state.sql_tasks import SqlTasks
from director.ports.configs import Configs
from director.ports.events import EventLog
from director.ports.journal import Journal
from director.ports.plans import Plans
from director.ports.release_records import ReleaseRecords
from director.ports.state_store import StateStore
from director.ports.tasks import Tasks
from tests.support import homes
from tests.support.memory_configs import MemoryConfigs
from tests.support.memory_events import MemoryEvents
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_plans import MemoryPlans
from tests.support.memory_release_records import MemoryReleaseRecords
from tests.support.memory_store import MemoryStore
from tests.support.memory_tasks import MemoryTasks


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    store: StateStore
    journal: Journal
    tasks: Tasks
    plans: Plans
    events: EventLog
    releases: ReleaseRecords
    configs: Configs
    close: Callable[[], None]


def _in_memory(_folder: Path) -> Stores:
    store = MemoryStore()
    return Stores(
        store=store,
        journal=MemoryJournal(store),
        tasks=MemoryTasks(),
        plans=MemoryPlans(),
        events=MemoryEvents(),
        releases=MemoryReleaseRecords(),
        configs=MemoryConfigs(),
        close=lambda: None,
    )


def _in_sqlite(folder: Path) -> Stores:
    database = homes.open_database(folder)
    store = SqlStore(database, LeaseFiles(folder / "leases"))
    tasks = SqlTasks(database, folder / "tasks")
    return Stores(
        store=store,
        journal=SqlJournal(database),
        tasks=tasks,
        plans=SqlPlans(database),
        events=SqlEvents(database),
        releases=SqlReleases(database),
        configs=SqlConfigs(database),
        close=database.close,
    )


STORES: Mapping[str, Callable[[Path], Stores]] = {"memory": _in_memory, "sqlite": _in_sqlite}
