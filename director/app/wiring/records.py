"""What is recorded: the state store and the journal. No VM and no cloud is needed for it.

Takes a Home, gives its parts.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from director.app.sessions.records import History
from director.app.sessions.settings import Settings, check_environment
from director.app.wiring.folders import open_folder
from director.app.wiring.homes import Home
from director.edge.secrets.vault_key import VaultKey
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_configs import SqlConfigs
from director.edge.state.sql_database import Database
from director.edge.state.sql_events import SqlEvents
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_plans import SqlPlans
from director.edge.state.sql_releases import SqlReleases
from director.edge.state.sql_store import SqlStore
from director.edge.state.sql_tasks import SqlTasks
from director.model.configs import StoredConfig
from director.ports.configs import Configs
from director.ports.events import EventLog
from director.ports.journal import Journal
from director.ports.plans import Plans
from director.ports.release_records import ReleaseRecords
from director.ports.state_store import StateStore
from director.ports.tasks import Tasks


@contextmanager
def open_history(settings: Settings) -> Iterator[History]:
    """Open what the home remembers. The environment's file is not read: no cloud of it is needed.

    Raises InputError: bad-environment-name, home-denied, home-not-a-folder, and the codes of the state store.
    """
    check_environment(settings)
    with Home(settings) as home:
        yield History(
            settings=settings,
            store=home.part(open_store),
            journal=home.part(open_journal),
            tasks=home.part(open_tasks),
            events=home.part(open_events),
        )


def open_store(home: Home) -> StateStore:
    """The state store."""
    return SqlStore(home.part(_open_database), LeaseFiles(home.part(open_folder) / "leases"))


def open_journal(home: Home) -> Journal:
    """The journal of runs."""
    return SqlJournal(home.part(_open_database))


def open_tasks(home: Home) -> Tasks:
    """The tasks."""
    return SqlTasks(home.part(_open_database), home.part(open_folder) / "tasks")


def open_plans(home: Home) -> Plans:
    """The plans that were stored."""
    return SqlPlans(home.part(_open_database))


def open_events(home: Home) -> EventLog:
    """The log of each task's events."""
    return SqlEvents(home.part(_open_database))


def open_release_records(home: Home) -> ReleaseRecords:
    """The records of uploaded releases."""
    return SqlReleases(home.part(_open_database))


def open_configs(home: Home) -> Configs:
    """The configs that environments keep."""
    return SqlConfigs(home.part(_open_database))


def read_configs(home: Home) -> tuple[StoredConfig, ...]:
    """Those of the home's environment. No state is created by looking: without any, there is none."""
    if not _state_file(home).exists():
        return ()
    return home.part(open_configs).list_configs(home.settings.environment)


def is_recorded(home: Home) -> bool:
    """Whether the home's environment is in the state. No state is created by looking."""
    return _state_file(home).exists() and home.settings.environment in home.part(open_store).list_environments()


def _state_file(home: Home) -> Path:
    return home.part(open_folder) / "state.db"


def _open_database(home: Home) -> Database:
    """The database of them all, whose documents are sealed with the vault's key."""
    folder = home.part(open_folder)
    database = Database(_state_file(home), VaultKey(folder / "vault.key", vault=folder / "vault"))
    home.closing.callback(database.close)
    return database
