"""What a command opens, and what it leaves closed."""

import subprocess
import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest

from director.app.sessions.settings import Settings
from director.app.wiring import sessions
from director.app.wiring.homes import Home
from director.errors import InputError
from director.model.ids import EnvironmentName
from tests.support.watchers import ListWatcher

SLOW = {"paramiko", "cryptography", "sqlalchemy", "pydantic", "boto3", "azure", "openstack", "rich"}
BY_COMMAND = {
    "interpolate": set[str](),
    "tasks": {"cryptography"},
    "instances": {"pydantic", "cryptography"},
    "plan": {"pydantic", "cryptography"},
}
"""What each command's own modules import of the slow ones; sessions import the rest when a port is first used."""


PLANNING = {
    "director.app.checks",
    "director.app.use_cases.doctor",
    "director.app.use_cases.plan",
    "director.edge.secrets.mint",
    "director.execute",
    "director.plan.front",
}
LOOKING = ("deployments", "events", "links", "task", "tasks")
"""The commands that show what is recorded."""


@pytest.mark.parametrize("command", LOOKING)
def test_a_command_that_shows_what_is_recorded_imports_nothing_that_plans_or_acts(command: str) -> None:
    code = f"import sys, director.cli.commands.{command}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "director.app.use_cases.show" in loaded
    assert loaded & PLANNING == set()


@pytest.mark.parametrize("command", BY_COMMAND)
def test_a_command_imports_only_what_it_needs(command: str) -> None:
    code = f"import sys, director.cli.commands.{command}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & SLOW == BY_COMMAND[command]


def test_jinja_and_certificates_are_imported_by_what_has_them_alone() -> None:
    code = "import sys; from director.app.wiring import renderers, vaults; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert {"director.render.front", "director.edge.secrets.vault_dir"} <= loaded
    assert loaded & {"jinja2", "cryptography.x509", "director.edge.secrets.mint"} == set()


def test_a_session_opens_only_its_state_before_a_port_is_used(tmp_path: Path) -> None:
    with sessions.open_session(_settings(tmp_path), ListWatcher()):
        assert not {"blobs", "releases", "environments"} & {path.name for path in tmp_path.iterdir()}


def test_a_port_opens_once_and_is_kept(tmp_path: Path) -> None:
    with sessions.open_session(_settings(tmp_path), ListWatcher()) as session:
        assert session.world.store is session.world.store
        assert (tmp_path / "state.db").is_file()


def test_what_is_wrong_with_a_cloud_is_raised_when_a_cloud_is_first_used(tmp_path: Path) -> None:
    environments = tmp_path / "environments"
    environments.mkdir()
    (environments / "lab.yml").write_text("name: lab\ncloud: nowhere\n")
    with sessions.open_session(_settings(tmp_path, "lab"), ListWatcher()) as session:
        assert session.world.store.list_environments() == ()
        with pytest.raises(InputError) as reported:
            session.world.clouds.get("")
    assert (reported.value.code, reported.value.where) == ("unknown-cloud", f"{environments}/lab.yml:2:1")


def test_threads_that_ask_at_the_same_time_get_the_same_part(tmp_path: Path) -> None:
    home, start, found = Home(_settings(tmp_path)), Barrier(8), list[object]()

    def ask() -> None:
        start.wait()
        found.append(home.part(_open))

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_parts_are_closed_the_last_one_first(tmp_path: Path) -> None:
    closed: list[str] = []

    def inner(home: Home) -> str:
        home.closing.callback(closed.append, "inner")
        return "inner"

    def outer(home: Home) -> str:
        of = home.part(inner)
        home.closing.callback(closed.append, f"outer of {of}")
        return "outer"

    with Home(_settings(tmp_path)) as home:
        assert (home.part(outer), closed) == ("outer", [])
    assert closed == ["outer of inner", "inner"]


def _open(home: Home) -> object:
    return object()


def _settings(home: Path, environment: str = "local") -> Settings:
    return Settings(home=str(home), environment=EnvironmentName(environment))
