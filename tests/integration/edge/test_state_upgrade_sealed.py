"""A home of revision 0003 is sealed by its upgrade, also one that was killed on the way: no old byte is left."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from director.edge.state import sql_upgrade
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_database import Database
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.edge.state.sql_tasks import SqlTasks
from director.errors import StateError
from director.model.ids import DeploymentName, EnvironmentName, RunId
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task, TaskState
from tests.support import homes

HOME, APP = EnvironmentName("home"), DeploymentName("app")
CANARY = "c4n4ry-0f-0003"
LONG = f"{'a' * 100_000} {CANARY} {'b' * 100_000}"
"""It fills pages of its own, which hold it when its row is deleted, until another row needs them."""
ENVIRONMENT = {
    "name": "home",
    "clouds": [{"name": "", "plugin": "openstack", "properties": {"password": CANARY}}],
    "ssh": {"user": "root", "public_key": "key"},
    "ssh_key": {"$secret": ["/home/ssh_key", "private_key"]},
}
DEPLOYMENT = {"environment": "home", "deployment": "app", "serial": 3, "manifest": LONG}
PLAN = {"run": "r1", "environment": "home", "deployment": "app", "manifest": LONG}
RUN = {
    "id": "r1",
    "environment": "home",
    "deployment": "app",
    "command": "deploy",
    "who": "me",
    "started_at": 1.0,
    "plan": {"run": "r1", "environment": "home", "deployment": "app"},
}
SAID = {"exit_code": 0, "stdout": CANARY, "stderr": ""}
ENTRY = {"action": "r1/run_errand/web-0", "at": 1.0, "outcome": {"facts": SAID}, "type": "done"}
_ROWS: Mapping[str, Mapping[str, object]] = {
    "environments": {"name": "home", "document": json.dumps(ENVIRONMENT)},
    "deployments": {"environment": "home", "name": "app", "serial": 3, "document": json.dumps(DEPLOYMENT)},
    "runs": {
        "id": "r1",
        "environment": "home",
        "deployment": "app",
        "state": "processing",
        "document": json.dumps(RUN),
        "plan": json.dumps(PLAN),
    },
    "entries": {"run": "r1", "type": "done", "document": json.dumps(ENTRY)},
}

_KILLED_AT = """
import os, runpy, signal, sys
event, word, count = sys.argv[1], sys.argv[2], [int(sys.argv[3])]
def hook(name, arguments):
    if name == event and word in str(arguments[0]):
        count[0] -= 1
        if not count[0]:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
runpy.run_module("director.edge.state.sql_upgrade", run_name="__main__")
"""
KILLS = {
    "before anything": ("sqlite3.connect", "state.db", 1),
    "with a row half sealed": ("open", "vault.key", 1),
    "sealed, and the old bytes still there": ("sqlite3.connect", "state.db", 2),
    "the old bytes gone, and not noted": ("sqlite3.connect", "state.db", 3),
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of revision 0003 with a vault, as a killed process left it: its last writes are in the log alone."""
    made = tmp_path / "made"
    made.mkdir()
    homes.open_vault(made).put_secret("/home/app/password", "secret")
    _upgrade_to(made / "state.db", "0003")
    with closing(sqlite3.connect(made / "state.db")) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("PRAGMA secure_delete=OFF")  # Debian's SQLite turns it on, others do not
        with connection:
            for table, row in _ROWS.items():
                names, marks = ", ".join(row), ", ".join("?" * len(row))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(row.values()))
            connection.execute("INSERT INTO deployments VALUES ('home', 'gone', 1, ?)", (LONG * 5,))
        connection.execute("DELETE FROM deployments WHERE name = 'gone'")
        connection.commit()
        return Path(shutil.copytree(made, tmp_path / "home"))


def test_the_rows_of_an_earlier_version_are_sealed_and_no_byte_of_them_is_left(home: Path) -> None:
    assert _holding(home) == ["state.db-wal"]
    with closing(homes.open_database(home)) as database:
        _check(database)
    assert _holding(home) == []


@pytest.mark.parametrize("at", KILLS.values(), ids=KILLS)
def test_an_upgrade_that_was_killed_continues(home: Path, at: tuple[str, str, int]) -> None:
    words = [sys.executable, "-c", _KILLED_AT, *map(str, at)]
    asked = f"{home}/state.db\n{home}/vault.key\n{home}/vault\n"
    assert subprocess.run(words, input=asked, text=True, check=False).returncode == -signal.SIGKILL
    with closing(homes.open_database(home)) as database:
        _check(database)
    assert _holding(home) == []


def test_without_the_vaults_key_nothing_is_upgraded_and_the_key_is_named(home: Path) -> None:
    (home / "vault.key").unlink()
    with pytest.raises(StateError) as caught:
        homes.open_database(home)
    assert caught.value.code == "vault-key-missing"
    assert not (home / "vault.key").exists()
    with closing(sqlite3.connect(home / "state.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0003",)


def test_a_home_that_never_had_a_secret_gets_a_key_with_its_upgrade(home: Path) -> None:
    shutil.rmtree(home / "vault")
    (home / "vault.key").unlink()
    with closing(homes.open_database(home)) as database:
        _check(database)
    assert (home / "vault.key").stat().st_mode & 0o777 == 0o600


def _check(database: Database) -> None:
    store, journal = SqlStore(database, LeaseFiles(database.path.parent / "leases")), SqlJournal(database)
    environment, state, run = store.load_environment(HOME), store.load_deployment(HOME, APP), journal.load_run(HOME, 1)
    assert environment and state and run
    assert environment.clouds[0].properties == {"password": CANARY}
    assert (state.serial, state.manifest, run.plan.manifest) == (3, LONG, LONG)
    task = SqlTasks(database, database.path.parent / "tasks").load_task(HOME, 1)
    caller = Caller(who="me", command="deploy", at=1.0)
    assert task == Task(environment=HOME, caller=caller, deployments=(APP,), number=1, state=TaskState.PROCESSING)
    assert run.task == 1
    (entry,) = journal.read_entries(RunId("r1"))
    assert CANARY in str(entry)


def _holding(home: Path) -> list[str]:
    files = [path for path in home.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if CANARY.encode() in path.read_bytes())


def _upgrade_to(path: Path, revision: str) -> None:
    engine = sa.create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(Path(sql_upgrade.__file__).parent / "migrations"))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.commit()
    engine.dispose()
