"""What is shown of a home that lost something."""

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from cpi.contract.values import ENVIRONMENT_ITSELF, SshAccess
from director.app.sessions.records import History, SecretHistory
from director.app.sessions.settings import Settings
from director.app.tasks.tasks import TaskBook
from director.app.use_cases import show, task_events
from director.edge.secrets.vault_dir import VaultDir
from director.errors import InputError
from director.model.cloud_names import ONLY_CLOUD
from director.model.environments.desired import VariableSpec
from director.model.environments.environment import CloudChoice, Environment
from director.model.ids import EnvironmentName
from director.model.secret_ref import SecretRef
from director.model.tasks.events import Event, Happening
from director.model.tasks.task import Task
from director.report import tables
from tests.support.callers import calling
from tests.support.memory_events import MemoryEvents
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_store import MemoryStore
from tests.support.memory_tasks import MemoryTasks
from tests.support.virtual_time import VirtualTime

HOME = EnvironmentName("home")


@pytest.fixture
def history(tmp_path: Path) -> SecretHistory:
    vault = VaultDir(tmp_path / "vault", tmp_path / "vault.key")
    for name in ("/home/web/password", "/home/web/token"):
        vault.make_secret(VariableSpec(name=name, type="password"))
    store = MemoryStore()
    access, key = SshAccess(user="root", public_key="ssh-ed25519 AAAA"), SecretRef(name="/home/ssh_key")
    clouds = (CloudChoice(name=ONLY_CLOUD, plugin="memory", properties={}),)
    with store.hold_lease(HOME, ENVIRONMENT_ITSELF, caller=calling("up")) as lease:
        store.save_environment(lease, Environment(name=HOME, clouds=clouds, ssh=access, ssh_key=key))
    settings = Settings(home=str(tmp_path), environment=HOME)
    return SecretHistory(
        settings=settings,
        store=store,
        journal=MemoryJournal(store),
        tasks=MemoryTasks(),
        events=MemoryEvents(),
        vault=vault,
    )


def test_a_list_of_secrets_that_lacks_some_is_not_passed_off_as_whole(history: SecretHistory, tmp_path: Path) -> None:
    assert (len(show.list_variables(history, None).rows), show.unlisted_secrets(history)) == (2, ())
    for file in (tmp_path / "vault").glob("*.json"):
        os.truncate(file, 30)
    assert show.list_variables(history, None).rows == ()
    (sentence,) = show.unlisted_secrets(history)
    assert sentence.startswith("2 files of the vault cannot be read")
    with pytest.raises(InputError) as raised:
        show.show_secret(history, None, "password")
    assert (raised.value.code, raised.value.why) == ("secret-unknown", f"Known secrets: none. {sentence}")


def test_a_refused_task_is_shown_with_who_asked_for_what_and_why_it_was_refused(history: History) -> None:
    with pytest.raises(InputError), _book(history).working(HOME, calling("compleat deploy bad.yml"), "web"):
        raise InputError("yaml-broken", "bad.yml is not valid YAML.")
    (row,) = show.list_tasks(history, show.HistoryFilter(deployment="web", limit=5)).rows
    table = show.show_task(history, None)
    assert (row["task"], row["state"], row["user"], row["command"], row["result"]) == (
        1,
        "error",
        "someone@here (pid 1)",
        "compleat deploy bad.yml",
        "yaml-broken: bad.yml is not valid YAML.",
    )
    assert (table.about, table.rows) == (row, ())
    assert tables.table_lines(table)[0] == "Task 1: compleat deploy bad.yml"


def test_a_task_without_a_process_is_interrupted_and_one_with_it_is_processing(history: History) -> None:
    with history.tasks.begin_task(Task(environment=HOME, caller=calling("deploy"))):
        states = [show.show_task(history, 1).about["state"]]
    states.append(show.show_task(history, 1).about["state"])
    assert states == ["processing", "interrupted"]


def test_whoever_follows_a_task_is_given_its_events_until_nobody_works_on_it(history: History) -> None:
    first, second = (Event(at=float(at), happening=Happening.REMARK, text=str(at)) for at in (1, 2))
    with ExitStack() as working:
        working.enter_context(history.tasks.begin_task(Task(environment=HOME, caller=calling("deploy"))))
        history.events.append_events(1, [first])

        def pause() -> None:
            history.events.append_events(1, [second])
            working.close()

        assert list(task_events.follow_task(history, None)) == [first]
        assert list(task_events.follow_task(history, 1, pause=pause)) == [first, second]
    assert [row["text"] for row in task_events.event_table([first, second]).rows] == ["1", "2"]


def _book(history: History) -> TaskBook:
    return TaskBook(history.tasks, history.journal, VirtualTime())
