"""What every Tasks promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from director.model.ids import DeploymentName, EnvironmentName, RunId
from director.model.tasks.entries import Run
from director.model.tasks.plan import Plan
from director.model.tasks.task import Task, TaskState
from director.ports.tasks import Tasks
from tests.contract.state_store.stores import STORES, Stores
from tests.support.callers import calling

HOME, AWAY = EnvironmentName("home"), EnvironmentName("away")
APP, OTHER = DeploymentName("app"), DeploymentName("other")
TASK = Task(environment=HOME, caller=calling("compleat deploy app.yml"), deployments=(APP,))


@pytest.fixture(params=STORES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def tasks(stores: Stores) -> Tasks:
    return stores.tasks


def test_a_task_is_processing_and_alive_while_it_is_worked_on(tasks: Tasks) -> None:
    with tasks.begin_task(TASK) as task:
        assert task == replace(TASK, number=1, state=TaskState.PROCESSING)
        assert (tasks.load_task(HOME, 1), tasks.is_alive(1)) == (task, True)
        assert tasks.open_tasks(HOME) == (task,)
    assert (tasks.load_task(HOME, 1), tasks.is_alive(1)) == (task, False)
    assert (tasks.load_task(AWAY, 1), tasks.load_task(HOME, 2), tasks.is_alive(2)) == (None, None, False)


def test_a_task_ends_once_and_its_first_end_stays(tasks: Tasks) -> None:
    with tasks.begin_task(TASK) as task:
        tasks.end_task(1, state=TaskState.ERROR, result="bad-yaml: Not YAML.", ended_at=3.0)
    tasks.end_task(1, state=TaskState.DONE, result="", ended_at=4.0)
    ended = replace(task, state=TaskState.ERROR, result="bad-yaml: Not YAML.", ended_at=3.0)
    assert (tasks.load_task(HOME, 1), tasks.open_tasks(HOME)) == (ended, ())


def test_a_task_is_cancelling_for_the_first_who_requested_it_until_it_ends(tasks: Tasks) -> None:
    first, second = calling("cancel-task 1"), replace(calling("cancel-task 1"), who="other@there (pid 2)")
    with tasks.begin_task(TASK) as task:
        assert (tasks.is_cancelling(1), tasks.is_cancelling(9)) == (False, False)
        assert (tasks.request_cancel(1, first), tasks.request_cancel(1, second)) == (True, True)
        cancelling = replace(task, state=TaskState.CANCELLING, canceller=first)
        assert (tasks.is_cancelling(1), tasks.load_task(HOME, 1)) == (True, cancelling)
        assert tasks.open_tasks(HOME) == (cancelling,)
        tasks.end_task(1, state=TaskState.CANCELLED, result="", ended_at=3.0)
    assert (tasks.request_cancel(1, second), tasks.request_cancel(9, second)) == (False, False)
    ended = replace(cancelling, state=TaskState.CANCELLED, ended_at=3.0)
    assert (tasks.is_cancelling(1), tasks.load_task(HOME, 1)) == (False, ended)


def test_a_task_learns_which_deployments_it_is_about(tasks: Tasks) -> None:
    with tasks.begin_task(TASK):
        for name in (OTHER, APP, OTHER):
            tasks.note_deployment(1, name)
    found = tasks.load_task(HOME, 1)
    assert found is not None
    assert found.deployments == (APP, OTHER)


def test_tasks_are_listed_newest_first_and_by_deployment(tasks: Tasks) -> None:
    for environment, deployment in ((HOME, APP), (HOME, OTHER), (AWAY, APP), (HOME, APP)):
        with tasks.begin_task(replace(TASK, environment=environment, deployments=(deployment,))):
            pass
    assert [task.number for task in tasks.list_tasks(HOME)] == [4, 2, 1]
    assert [task.number for task in tasks.list_tasks(HOME, limit=2)] == [4, 2]
    assert [task.number for task in tasks.list_tasks(HOME, deployment=APP)] == [4, 1]
    assert [task.number for task in tasks.open_tasks(HOME)] == [1, 2, 4]


def test_a_tasks_runs_are_found_in_order_without_their_plans(stores: Stores) -> None:
    for name, task in (("r1", 1), ("r2", 2), ("r3", 1)):
        plan = Plan(run=RunId(name), environment=HOME, deployment=APP, manifest="name: app")
        run = Run(id=plan.run, environment=HOME, deployment=APP, started_at=1.0, plan=plan, task=task)
        with stores.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
            stores.journal.begin_run(lease, run)
    found = stores.journal.runs_of_task(1)
    assert [(run.id, run.task, run.plan.manifest) for run in found] == [("r1", 1, None), ("r3", 1, None)]
    assert stores.journal.runs_of_task(9) == ()
