"""What the state seals opens with the home's one key, in its own row, and nowhere else; names and times need no key."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cpi.contract.values import SshAccess
from director.actions.run_errand import RunErrandResult
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_database import Database
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.edge.state.sql_tasks import SqlTasks
from director.errors import StateError
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId, DeploymentName, EnvironmentName, RunId
from director.model.secret_ref import SecretRef
from director.model.tasks.entries import Done, Run
from director.model.tasks.plan import Plan
from director.model.tasks.task import Task
from tests.support import homes
from tests.support.callers import calling

HOME, APP, OTHER = EnvironmentName("home"), DeploymentName("app"), DeploymentName("other")
CANARY = "c4n4ry-0f-4-v4lue"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = homes.open_database(tmp_path)
    _fill(opened)
    yield opened
    opened.close()


def test_no_byte_of_a_document_stands_in_any_file(database: Database) -> None:
    assert _store(database).load_environment(HOME) == _environment()
    files = {path.name: path.read_bytes() for path in database.path.parent.rglob("*") if path.is_file()}
    assert {"state.db", "state.db-wal", "vault.key"} <= set(files)
    assert [name for name, content in files.items() if CANARY.encode() in content] == []


def test_names_and_tasks_are_listed_without_the_key(database: Database) -> None:
    (database.path.parent / "vault.key").unlink()
    database.close()
    with closing(homes.open_database(database.path.parent)) as again:
        assert _store(again).list_environments() == (HOME,)
        assert [run.deployment for run in SqlJournal(again).list_runs(HOME)] == ["other", "app"]
        (task,) = SqlTasks(again, database.path.parent / "tasks").list_tasks(HOME)
        assert task.caller == calling("deploy both")
        assert _code(lambda: _store(again).load_environment(HOME)) == "vault-key-missing"


def test_a_lost_key_beside_sealed_rows_is_never_made_anew_though_the_vault_is_empty(database: Database) -> None:
    home = database.path.parent
    database.close()
    (home / "vault.key").unlink()
    shutil.rmtree(home / "vault")
    with closing(homes.open_database(home)) as again, _store(again).hold_lease(HOME, APP, caller=calling("x")) as lease:
        saved = DeploymentState(environment=HOME, deployment=APP)
        assert _code(lambda: _store(again).save_deployment(lease, saved)) == "vault-key-missing"
    assert _code(lambda: homes.open_vault(home).put_secret("/home/x", "y")) == "vault-key-missing"
    assert not (home / "vault.key").exists()


def test_another_key_opens_no_row_and_is_named(database: Database) -> None:
    database.close()
    (database.path.parent / "vault.key").write_bytes(os.urandom(32))
    with closing(homes.open_database(database.path.parent)) as again, pytest.raises(StateError) as caught:
        _store(again).load_deployment(HOME, APP)
    assert (caught.value.code, "deployment 'app'" in caught.value.what) == ("state-sealed", True)
    assert "vault.key" in caught.value.why and "kept" in caught.value.fix


SWAPS: dict[str, tuple[str, str, Callable[[Database], object]]] = {
    "deployments": ("document", "name", lambda database: _store(database).load_deployment(HOME, APP)),
    "runs": ("plan", "deployment", lambda database: SqlJournal(database).load_run(HOME, 1)),
    "entries": ("document", "run", lambda database: SqlJournal(database).read_entries(RunId("app"))),
}


@pytest.mark.parametrize("table", SWAPS)
def test_a_document_in_another_rows_place_does_not_open(database: Database, table: str) -> None:
    column, name, ask = SWAPS[table]
    ask(database)
    with closing(sqlite3.connect(database.path)) as connection, connection:
        other = f"(SELECT {column} FROM {table} WHERE {name} = 'other')"
        connection.execute(f"UPDATE {table} SET {column} = {other} WHERE {name} = 'app'")
    assert _code(lambda: ask(database)) == "state-sealed"


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + bytes(12), b"\x02" + bytes(40), b"\x01" + bytes(40)])
def test_bytes_that_nobody_sealed_do_not_open(database: Database, blob: bytes) -> None:
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("UPDATE environments SET document = ?", (blob,))
    assert _code(lambda: _store(database).load_environment(HOME)) == "state-sealed"


def test_an_earlier_version_that_still_runs_cannot_write_text(database: Database) -> None:
    statements = (
        "INSERT INTO entries (run, type, document) VALUES ('app', 'begun', '{}')",
        "UPDATE deployments SET document = '{}'",
        "UPDATE runs SET plan = '{}'",
        "INSERT INTO environments VALUES ('b', '{}')",
    )
    with closing(sqlite3.connect(database.path)) as connection:
        for statement in statements:
            with pytest.raises(sqlite3.IntegrityError, match="later version"):
                connection.execute(statement)


def test_the_log_of_a_state_that_was_moved_away_is_not_replayed_into_a_new_one(
    database: Database, tmp_path: Path
) -> None:
    """As after a kill: the log is still there."""
    home = tmp_path / "moved"
    home.mkdir()
    shutil.copy(database.path.with_name("state.db-wal"), home / "state.db-wal")
    with closing(homes.open_database(home)) as new:
        assert _store(new).list_environments() == ()
    assert (home / "state.db-wal.old").stat().st_size > 0


def _fill(database: Database) -> None:
    store, journal, tasks = _store(database), SqlJournal(database), SqlTasks(database, database.path.parent / "tasks")
    with tasks.begin_task(Task(environment=HOME, caller=calling("deploy both"))):
        pass
    for name in (APP, OTHER):
        with store.hold_lease(HOME, name, caller=calling("deploy")) as lease:
            store.save_environment(lease, _environment())
            manifest = f"properties: {{a: {CANARY}}}"
            store.save_deployment(lease, DeploymentState(environment=HOME, deployment=name, manifest=manifest))
            plan = Plan(run=RunId(name), environment=HOME, deployment=name, manifest=manifest)
            run = Run(
                id=plan.run,
                environment=HOME,
                deployment=name,
                started_at=1.0,
                plan=plan,
            )
            journal.begin_run(lease, run)
            done = Done(
                action=ActionId("a"), at=1.0, kind="run_errand", result=RunErrandResult(exit_code=0, stdout=CANARY)
            )
            journal.append(lease, run.id, [done])


def _environment() -> Environment:
    return Environment(
        name=HOME,
        clouds=(CloudChoice(name=ONLY_CLOUD, plugin="openstack", properties={"password": CANARY}),),
        ssh=SshAccess(user="root", public_key="key"),
        ssh_key=SecretRef(name="/home/ssh_key", path=("private_key",)),
    )


def _store(database: Database) -> SqlStore:
    return SqlStore(database, LeaseFiles(database.path.parent / "leases"))


def _code(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except StateError as error:
        return error.code
    return ""
