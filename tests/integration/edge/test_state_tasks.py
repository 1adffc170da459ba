"""Tasks of a home of revision 0005: made of its runs, also when the upgrade was killed, and dead with their process."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from director.edge.secrets.sealing import Sealing
from director.edge.state import sql_upgrade
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_tasks import SqlTasks
from director.model.ids import DeploymentName, EnvironmentName
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task, TaskState
from tests.support import homes

HOME = EnvironmentName("home")
RUNS = (
    ("", "done", "up", "/deployments/"),
    ("app", "error", "deploy", "denied: No."),
    ("app", "processing", "stop", ""),
)
_KILLED_AT = """
import os, runpy, signal, sys
name, count = sys.argv[1], [int(sys.argv[2])]
def seen(frame, event, argument):
    if event == "call" and frame.f_code.co_name == name and "r0006" in frame.f_code.co_filename:
        count[0] -= 1
        if not count[0]:
            os.kill(os.getpid(), signal.SIGKILL)
sys.setprofile(seen)
runpy.run_module("director.edge.state.sql_upgrade", run_name="__main__")
"""
_WORKING = """
import sys, time
from pathlib import Path
from director.edge.state.sql_tasks import SqlTasks
from director.model.tasks.caller import Caller
from director.model.tasks.task import Task
from tests.support import homes
home = Path(sys.argv[1])
caller = Caller(who="me", command="deploy", at=1.0)
with SqlTasks(homes.open_database(home), home / "tasks").begin_task(Task(environment="home", caller=caller)):
    print("begun", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    homes.open_vault(tmp_path).put_secret("/home/app/password", "secret")
    _upgrade_to_5(tmp_path)
    with closing(sqlite3.connect(tmp_path / "state.db")) as connection, connection:
        for number, (deployment, state, typed, result) in enumerate(RUNS, 1):
            document = {
                "id": f"r{number}",
                "environment": "home",
                "deployment": deployment,
                "command": typed,
                "who": "me",
                "started_at": float(number),
                "state": state,
                "result": result,
                "number": 0,
                "ended_at": None if state == "processing" else number + 1.5,
                "plan": {"run": f"r{number}", "environment": "home", "deployment": deployment},
            }
            row = (f"r{number}", "home", deployment, state, json.dumps(document), b"sealed")
            names = "id, environment, deployment, state, document, plan"
            connection.execute(f"INSERT INTO runs ({names}) VALUES (?, ?, ?, ?, ?, ?)", row)
    return tmp_path


def test_each_run_of_an_earlier_version_is_a_task_of_its_number(home: Path) -> None:
    _check(home)


@pytest.mark.parametrize(("name", "count"), [("upgrade", 1), ("_move", 1), ("_move", 3)])
def test_an_upgrade_that_was_killed_among_the_tasks_is_done_again(home: Path, name: str, count: int) -> None:
    asked = f"{home}/state.db\n{home}/vault.key\n{home}/vault\n"
    words = [sys.executable, "-c", _KILLED_AT, name, str(count)]
    assert subprocess.run(words, input=asked, text=True, check=False).returncode == -signal.SIGKILL
    with closing(sqlite3.connect(home / "state.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0005",)
    _check(home)


def test_a_task_dies_with_its_process(home: Path) -> None:
    with (
        subprocess.Popen([sys.executable, "-c", _WORKING, str(home)], stdout=subprocess.PIPE, text=True) as process,
        closing(homes.open_database(home)) as database,
    ):
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        tasks = SqlTasks(database, home / "tasks")
        (number,) = (task.number for task in tasks.open_tasks(HOME) if task.number > len(RUNS))
        alive = tasks.is_alive(number)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert (alive, tasks.is_alive(number)) == (True, False)
        assert [path.name for path in (home / "tasks").iterdir()] == [f"{number}.lock"]
        tasks.end_task(number, state=TaskState.ERROR, result="interrupted", ended_at=2.0)
        assert list((home / "tasks").iterdir()) == []


def _check(home: Path) -> None:
    with closing(homes.open_database(home)) as database:
        tasks = SqlTasks(database, home / "tasks")
        assert tasks.list_tasks(HOME) == tuple(_task(number, *RUNS[number - 1]) for number in (3, 2, 1))
        assert [task.number for task in tasks.open_tasks(HOME)] == [3]
        assert [run.id for run in SqlJournal(database).runs_of_task(2)] == ["r2"]


def _task(number: int, deployment: str, state: str, typed: str, result: str) -> Task:
    return Task(
        environment=HOME,
        caller=Caller(who="me", command=typed, at=float(number)),
        deployments=(DeploymentName(deployment),) if deployment else (),
        number=number,
        state=TaskState(state),
        ended_at=None if state == "processing" else number + 1.5,
        result=result,
    )


def _upgrade_to_5(home: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{home}/state.db")
    config = Config()
    config.set_main_option("script_location", str(Path(sql_upgrade.__file__).parent / "migrations"))
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        config.attributes["sealing"] = Sealing(homes.open_vault(home).key)
        command.upgrade(config, "0005")
        connection.commit()
    engine.dispose()
