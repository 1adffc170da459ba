"""A state store that was emptied, or whose records are not what was written: named, and nothing else is refused."""

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cpi.contract.values import JsonValue, SshAccess
from director.edge.secrets.sealing import RowPlace, Sealing
from director.edge.state import sql_database
from director.edge.state.lease_files import LeaseFiles
from director.edge.state.sql_database import Database
from director.edge.state.sql_events import SqlEvents
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.errors import StateError
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.environment import CloudChoice, Environment
from director.model.environments.state import DeploymentState
from director.model.ids import ActionId, DeploymentName, EnvironmentName, RunId
from director.model.secret_ref import SecretRef
from director.model.tasks.entries import Begun, Run
from director.model.tasks.events import Happening
from director.model.tasks.plan import Plan
from tests.support import homes
from tests.support.callers import calling

HOME, APP, OTHER = EnvironmentName("home"), DeploymentName("app"), DeploymentName("other")
PLACES = {
    "environments": RowPlace(table="environments", column="document", key=("home",)),
    "deployments": RowPlace(table="deployments", column="document", key=("home", "app")),
    "entries": RowPlace(table="entries", column="document", key=("app", "1")),
}
DAMAGES = {
    "cut": lambda text: text[:20],
    "empty": lambda _: "",
    "a list": lambda _: "[]",
    "deep": lambda _: "[" * 100_000,
    "no field at all": lambda _: "{}",
    "of other types": lambda text: json.dumps(dict.fromkeys(json.loads(text))),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "state.db"
    database = homes.open_database(path.parent)
    store, journal = SqlStore(database, LeaseFiles(path.parent / "leases")), SqlJournal(database)
    ssh_key = SecretRef(name="/home/ssh_key", path=("private_key",))
    clouds = (CloudChoice(name=ONLY_CLOUD, plugin="local"),)
    place = Environment(name=HOME, clouds=clouds, ssh=SshAccess(user="root", public_key="key"), ssh_key=ssh_key)
    for name in (APP, OTHER):
        with store.hold_lease(HOME, name, caller=calling("deploy")) as lease:
            store.save_environment(lease, place)
            store.save_deployment(lease, DeploymentState(environment=HOME, deployment=name))
            plan = Plan(run=RunId(name), environment=HOME, deployment=name)
            run = Run(id=plan.run, environment=HOME, deployment=name, started_at=1.0, plan=plan)
            journal.begin_run(lease, run)
            journal.append(lease, run.id, [Begun(action=ActionId("a"), at=1.0)])
    database.close()
    return path


@pytest.fixture
def path(whole: Path, tmp_path: Path) -> Path:
    for name in ("vault", "vault.key", "state.db"):
        origin = whole.with_name(name)
        shutil.copytree(origin, tmp_path / name) if origin.is_dir() else shutil.copy(origin, tmp_path / name)
    return tmp_path / "state.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    opened = homes.open_database(path.parent)
    yield opened
    opened.close()


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_record_is_named_and_the_others_are_read(
    path: Path, database: Database, damage: Callable[[str], str]
) -> None:
    _damage(path, damage)
    store, journal = SqlStore(database, LeaseFiles(path.parent / "leases")), SqlJournal(database)
    asked: dict[str, Callable[[], object]] = {
        "environment 'home'": lambda: store.load_environment(HOME),
        "deployment 'app'": lambda: store.load_deployment(HOME, APP),
        "task 1": lambda: journal.load_run(HOME, 1),
        "an entry of task 'app'": lambda: journal.read_entries(RunId("app")),
    }
    for whose, ask in asked.items():
        with pytest.raises(StateError) as caught:
            ask()
        assert (caught.value.code, whose in caught.value.what) == ("state-damaged", True)
        assert (str(path) in caught.value.what, "by their owner keys, and keeps disks" in caught.value.fix) == (
            True,
            True,
        )
    for listing in (lambda: store.list_deployments(HOME), lambda: journal.list_runs(HOME)):
        with pytest.raises(StateError, match="damaged"):
            listing()
    assert store.load_deployment(HOME, OTHER) and journal.load_run(HOME, 2) and journal.read_entries(RunId("other"))


def test_what_a_newer_version_wrote_is_told_with_the_way_on(path: Path, database: Database) -> None:
    _damage(path, lambda text: json.dumps({**json.loads(text), "instancez": []}))
    store, journal = SqlStore(database, LeaseFiles(path.parent / "leases")), SqlJournal(database)
    asked: dict[str, Callable[[], object]] = {
        "environment 'home'": lambda: store.load_environment(HOME),
        "deployment 'app'": lambda: store.load_deployment(HOME, APP),
        "task 1": lambda: journal.load_run(HOME, 1),
        "an entry of task 'app'": lambda: journal.read_entries(RunId("app")),
    }
    for whose, ask in asked.items():
        with pytest.raises(StateError) as caught:
            ask()
        assert caught.value.code == "state-version"
        assert caught.value.what == f"The record of {whose} in {path} was written by a newer version of compleat."
        assert "has no 'instancez'" in caught.value.why
        assert caught.value.fix.startswith("Run the command with that newer version.")


@pytest.mark.parametrize(
    ("type_", "document"),
    [
        ("paused", {"type": "paused"}),
        ("done", {"type": "done", "action": "a", "at": 1.0, "kind": "paint_vm", "result": {}}),
    ],
)
def test_an_entry_that_a_newer_version_added_is_told(
    path: Path, database: Database, type_: str, document: JsonValue
) -> None:
    sealed = database.documents.seal(document, PLACES["entries"])
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE entries SET type = ?, document = ? WHERE run = 'app'", (type_, sealed))
    with pytest.raises(StateError) as caught:
        SqlJournal(database).read_entries(RunId("app"))
    assert caught.value.code == "state-version"


@pytest.mark.parametrize("change", [{"happening": "state_painted"}, {"colour": "red"}])
def test_events_that_a_newer_version_added_are_told(database: Database, change: dict[str, JsonValue]) -> None:
    event: dict[str, JsonValue] = {"at": 1.0, "happening": next(iter(Happening)).value}
    place = RowPlace(table="events", column="document", key=("1", "1"))
    document = database.documents.seal({"events": [{**event, **change}]}, place)
    with database.transaction() as connection:
        sql_database.insert(connection, "events", {"number": 1, "task": 1, "document": document})
    with pytest.raises(StateError) as caught:
        SqlEvents(database).events_after(1, 0)
    assert caught.value.code == "state-version"


def test_a_plan_that_is_damaged_is_named_and_its_task_still_listed(path: Path, database: Database) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE runs SET plan = x'00' WHERE deployment = 'app'")
    journal = SqlJournal(database)
    with pytest.raises(StateError) as caught:
        journal.unfinished_run(HOME, APP)
    assert "task 1's plan" in caught.value.what
    assert [run.number for run in journal.list_runs(HOME)] == [2, 1]


def test_an_emptied_state_is_no_new_one(path: Path) -> None:
    path.write_bytes(b"")
    with pytest.raises(StateError) as caught:
        homes.open_database(path.parent)
    assert (caught.value.code, path.read_bytes()) == ("state-emptied", b"")


def test_a_new_state_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    killed = (
        "import os, signal, sys, pathlib\n"
        "from tests.support import homes\n"
        "sys.addaudithook(lambda event, _: event == 'os.rename' and os.kill(os.getpid(), signal.SIGKILL))\n"
        "homes.open_database(pathlib.Path(sys.argv[1]).parent)"
    )
    done = subprocess.run([sys.executable, "-c", killed, str(tmp_path / "state.db")], check=False)
    assert (done.returncode, (tmp_path / "state.db").exists()) == (-9, False)
    homes.open_database(tmp_path).close()
    assert sorted(each.name for each in tmp_path.iterdir()) == ["state.db", "state.upgrading"]
    assert {each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {0o600}


def _damage(path: Path, damage: Callable[[str], str]) -> None:
    rows = {"environments": "name = 'home'", "deployments": "name = 'app'", "runs": "deployment = 'app'"}
    with sqlite3.connect(path) as connection:
        for table, where in {**rows, "entries": "run = 'app'"}.items():
            (held,) = connection.execute(f"SELECT document FROM {table} WHERE {where}").fetchone()
            damaged = damage(held) if isinstance(held, str) else _reseal(path, PLACES[table], held, damage)
            connection.execute(f"UPDATE {table} SET document = ? WHERE {where}", (damaged,))


def _reseal(path: Path, place: RowPlace, sealed: bytes, damage: Callable[[str], str]) -> bytes:
    """Damaged before it was sealed, by a holder of the key."""
    sealing = Sealing(homes.open_vault(path.parent).key)
    return sealing.seal(damage(sealing.open(sealed, place)), place)
