"""What every Journal promises."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cpi.contract.values import NetworkKind, NetworkSettings
from director.actions.create_vm import CreateVmResult
from director.actions.orphan_disk import OrphanDiskResult
from director.actions.put_file import PutFile
from director.actions.start import Start
from director.errors import StateError
from director.model.ids import ActionId, DeploymentName, EnvironmentName, InstanceId, RunId
from director.model.secret_ref import SecretRef, SecretText
from director.model.tasks.entries import Accepted, Begun, Done, Failed, Failure, Run
from director.model.tasks.plan import Action, Gate, Plan
from director.model.tasks.task import TaskState
from director.model.tasks.work import CidResult
from tests.contract.state_store.stores import STORES, Stores
from tests.support.callers import calling

HOME, APP = EnvironmentName("home"), DeploymentName("app")
FIRST, SECOND = ActionId("r1/start/web-0"), ActionId("r1/put_file/web-0")
PLAN = Plan(
    run=RunId("r1"),
    environment=HOME,
    deployment=APP,
    actions=(
        Action(id=FIRST, work=Start(instance=InstanceId("i1")), subject="web/0", reason="new"),
        Action(
            id=SECOND,
            work=PutFile(
                instance=InstanceId("i1"),
                path="/tmp/x",
                content=SecretText(parts=("password: ", SecretRef(name="/home/app/p"))),
            ),
            subject="web/0",
            reason="new",
            after=(FIRST,),
            gate="web",
            sequence="i1",
            is_entering=True,
        ),
    ),
    gates=(Gate(name="web", width=2),),
    manifest="name: app",
)
CREATED = CreateVmResult(
    cid="vm-1", networks=(NetworkSettings(name="default", kind=NetworkKind.MANUAL, ip="10.0.0.2"),)
)
ENTRIES = (
    Begun(action=FIRST, at=1.0, member="compiler-1"),
    Accepted(action=FIRST, at=1.5, handle="an operation"),
    Done(action=FIRST, at=2.0, kind="create_vm", result=CREATED),
    Begun(action=SECOND, at=2.0, attempt=2),
    Failed(action=SECOND, at=3.0, failure=Failure(code="denied", what="No.", retry="never", output="last line")),
)


def run_called(name: str, deployment: DeploymentName = APP) -> Run:
    plan = replace(PLAN, run=RunId(name), deployment=deployment)
    return Run(
        id=RunId(name),
        environment=HOME,
        deployment=deployment,
        task=7,
        started_at=5.0,
        plan=plan,
    )


@pytest.fixture(params=STORES)
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


def test_a_run_begun_and_not_ended_is_found_with_its_whole_plan(stores: Stores) -> None:
    assert stores.journal.unfinished_run(HOME, APP) is None
    with stores.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
        begun = stores.journal.begin_run(lease, run_called("r1"))
    assert begun == replace(run_called("r1"), number=1)
    assert stores.journal.unfinished_run(HOME, APP) == begun
    assert stores.journal.unfinished_run(HOME, DeploymentName("other")) is None


def test_all_open_runs_of_an_environment_are_found_with_their_plans(stores: Stores) -> None:
    other = DeploymentName("other")
    for name, deployment in (("r1", APP), ("r2", other), ("r3", APP)):
        with stores.store.hold_lease(HOME, deployment, caller=calling("deploy")) as lease:
            stores.journal.begin_run(lease, run_called(name, deployment))
            if name == "r1":
                stores.journal.end_run(lease, RunId(name), state=TaskState.DONE, result="", ended_at=7.0)
    assert stores.journal.open_runs(HOME) == (
        replace(run_called("r2", other), number=2),
        replace(run_called("r3"), number=3),
    )
    assert stores.journal.open_runs(EnvironmentName("away")) == ()


def test_entries_are_read_in_the_order_written(stores: Stores) -> None:
    with stores.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
        stores.journal.begin_run(lease, run_called("r1"))
        stores.journal.append(lease, RunId("r1"), ENTRIES[:1])
        stores.journal.append(lease, RunId("r1"), ENTRIES[1:])
        stores.journal.append(lease, RunId("r1"), ())
    assert stores.journal.read_entries(RunId("r1")) == ENTRIES
    assert stores.journal.read_entries(RunId("unknown")) == ()


def test_an_ended_run_is_not_unfinished_and_says_how_it_ended(stores: Stores) -> None:
    with stores.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
        stores.journal.begin_run(lease, run_called("r1"))
        stores.journal.end_run(lease, RunId("r1"), state=TaskState.ERROR, result="denied: No.", ended_at=7.5)
    assert stores.journal.unfinished_run(HOME, APP) is None
    loaded = stores.journal.load_run(HOME, 1)
    assert loaded is not None
    assert (loaded.state, loaded.result, loaded.plan) == (TaskState.ERROR, "denied: No.", PLAN)
    assert loaded.ended_at == 7.5


def test_runs_are_numbered_and_listed_newest_first_without_plans(stores: Stores) -> None:
    other = DeploymentName("other")
    for name, deployment in (("r1", APP), ("r2", other), ("r3", APP)):
        with stores.store.hold_lease(HOME, deployment, caller=calling("deploy")) as lease:
            stores.journal.begin_run(lease, run_called(name, deployment))
            stores.journal.end_run(lease, RunId(name), state=TaskState.DONE, result="", ended_at=7.0)
    listed = stores.journal.list_runs(HOME, limit=2)
    assert [(run.id, run.number, run.deployment, run.plan.actions) for run in listed] == [
        ("r3", 3, APP, ()),
        ("r2", 2, other, ()),
    ]
    assert [run.id for run in stores.journal.list_runs(HOME, deployment=APP, limit=2)] == ["r3", "r1"]
    assert stores.journal.list_runs(EnvironmentName("away")) == ()
    assert stores.journal.load_run(HOME, 9) is None
    assert stores.journal.load_run(EnvironmentName("away"), 1) is None


def test_runs_are_listed_by_number_also_when_the_clock_was_set_back(stores: Stores) -> None:
    for name, started_at in (("r1", 5.0), ("r2", 5.0 - 365 * 86400)):
        with stores.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
            stores.journal.begin_run(lease, replace(run_called(name), started_at=started_at))
            stores.journal.end_run(lease, RunId(name), state=TaskState.DONE, result="", ended_at=7.0)
    assert [(run.id, run.number) for run in stores.journal.list_runs(HOME)] == [("r2", 2), ("r1", 1)]


def test_a_stale_holder_cannot_write_to_the_journal(stores: Stores) -> None:
    with stores.store.hold_lease(HOME, APP, caller=calling("first")) as stale:
        stores.journal.begin_run(stale, run_called("r1"))
    with stores.store.hold_lease(HOME, APP, caller=calling("second")):
        for write in (
            lambda: stores.journal.append(stale, RunId("r1"), ENTRIES[:1]),
            lambda: stores.journal.end_run(stale, RunId("r1"), state=TaskState.DONE, result="", ended_at=7.0),
            lambda: stores.journal.begin_run(stale, run_called("r2")),
        ):
            with pytest.raises(StateError) as raised:
                write()
            assert raised.value.code == "lease-lost"
    assert stores.journal.read_entries(RunId("r1")) == ()
    assert stores.journal.load_run(HOME, 2) is None


def test_what_was_done_of_a_kind_of_work_is_read_across_runs(stores: Stores) -> None:
    ids = [ActionId(f"{run}/orphan_disk/web-0") for run in ("r1", "r2")]
    done = [Done(action=each, at=1.0, kind="orphan_disk", result=OrphanDiskResult(cid="d")) for each in ids]
    other = Done(action=ActionId("r2/delete_disk/orphan_disk/x"), at=2.0, kind="delete_disk", result=CidResult(cid="d"))
    for name, entries in (("r1", (Begun(action=ids[0], at=0.0), done[0])), ("r2", (done[1], other))):
        with stores.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
            stores.journal.begin_run(lease, run_called(name))
            stores.journal.append(lease, RunId(name), entries)
            stores.journal.end_run(lease, RunId(name), state=TaskState.DONE, result="", ended_at=3.0)
    assert stores.journal.read_done(HOME, "orphan_disk") == tuple(done)
    assert stores.journal.read_done(HOME, "orphan_disk", after=1) == (done[1],)
    assert stores.journal.read_done(EnvironmentName("away"), "orphan_disk") == ()
