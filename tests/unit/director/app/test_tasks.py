"""How a task ends: with what left the use case, and by the next command where its process died."""

from pathlib import Path

import pytest

from cpi.contract.errors import ExplainedError
from director import errors
from director.app.tasks.cancelling import CancelWatch
from director.app.tasks.tasks import TaskBook
from director.app.use_cases import cancel
from director.errors import DeclinedError, InputError, Problems
from director.model.ids import DeploymentName, EnvironmentName, RunId
from director.model.tasks.entries import Run
from director.model.tasks.plan import Plan
from director.model.tasks.task import Task, TaskState
from director.ports.runner import Interrupted
from tests.support.callers import calling
from tests.support.memory_journal import MemoryJournal
from tests.support.memory_store import MemoryStore
from tests.support.memory_tasks import MemoryTasks
from tests.support.sessions import session_of
from tests.support.simulation import Simulation
from tests.support.virtual_time import VirtualTime

HOME, APP = EnvironmentName("home"), DeploymentName("app")
LONG = "x" * 2000


class Kept:
    """A book over tasks and a journal in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.journal = MemoryJournal(self.store)
        self.tasks = MemoryTasks()
        self.book = TaskBook(self.tasks, self.journal, VirtualTime(at=50.0))

    def ended(self, number: int = 1) -> tuple[TaskState, str, float | None]:
        task = self.tasks.load_task(HOME, number)
        assert task is not None
        return task.state, task.result, task.ended_at

    def begin_run(self, name: str, task: int) -> None:
        plan = Plan(run=RunId(name), environment=HOME, deployment=APP)
        with self.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
            run = Run(id=plan.run, environment=HOME, deployment=APP, started_at=1.0, plan=plan, task=task)
            self.journal.begin_run(lease, run)

    def end_run(self, name: str, at: float) -> None:
        with self.store.hold_lease(HOME, APP, caller=calling("deploy")) as lease:
            self.journal.end_run(lease, RunId(name), state=TaskState.ERROR, result="interrupted", ended_at=at)


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_what_goes_well_is_done_and_says_what_was_made(kept: Kept) -> None:
    with kept.book.working(HOME, calling("deploy"), "app") as task:
        assert (task.number, task.state) == (1, TaskState.PROCESSING)
    assert kept.ended() == (TaskState.DONE, "/deployments/app", 50.0)


@pytest.mark.parametrize(
    ("raised", "state", "result"),
    [
        (InputError("bad-yaml", "Not YAML."), TaskState.ERROR, "bad-yaml: Not YAML."),
        (Problems([InputError("a", "First."), InputError("b", "Second.")]), TaskState.ERROR, "a: First."),
        (ExplainedError("long", LONG), TaskState.ERROR, "long: " + "x" * 494 + " ... (1506 more characters)"),
        (DeclinedError("declined", "Aborted."), TaskState.CANCELLED, "Aborted."),
        (errors.interrupted("deploy"), TaskState.CANCELLED, "interrupted"),
        (Interrupted(), TaskState.CANCELLED, "interrupted"),
        (KeyboardInterrupt(), TaskState.CANCELLED, "interrupted"),
        (ZeroDivisionError("secret"), TaskState.ERROR, "bug: compleat crashed: ZeroDivisionError."),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_is_raised_is_its_end_and_goes_on(
    kept: Kept, raised: BaseException, state: TaskState, result: str
) -> None:
    with pytest.raises(type(raised)), kept.book.working(HOME, calling("deploy")):
        raise raised
    assert kept.ended() == (state, result, 50.0)


def test_an_interrupted_task_with_an_open_run_waits_for_the_command_that_settles_it(kept: Kept) -> None:
    with pytest.raises(KeyboardInterrupt), kept.book.working(HOME, calling("deploy")):
        kept.begin_run("r1", task=1)
        raise KeyboardInterrupt
    kept.book.end_dead_tasks(HOME)
    assert kept.ended() == (TaskState.CANCELLING, "", None)
    kept.end_run("r1", at=7.0)
    kept.book.end_dead_tasks(HOME)
    assert kept.ended() == (TaskState.CANCELLED, "interrupted", 7.0)


@pytest.mark.parametrize("raised", [KeyboardInterrupt(), Interrupted(), errors.interrupted("deploy")], ids=repr)
def test_what_interrupts_a_task_that_somebody_else_cancelled_is_raised_as_theirs(
    kept: Kept, raised: BaseException
) -> None:
    with pytest.raises(ExplainedError) as cancelled, kept.book.working(HOME, calling("deploy")):
        kept.begin_run("r1", task=1)
        kept.tasks.request_cancel(1, calling("cancel-task 1"))
        raise raised
    assert (cancelled.value.code, cancelled.value.what) == ("task-cancelled", "'deploy' was cancelled.")
    assert kept.ended() == (TaskState.CANCELLED, "someone@here (pid 1) ran 'cancel-task 1'", 50.0)


def test_a_task_whose_own_failure_came_first_ends_with_that(kept: Kept) -> None:
    with pytest.raises(InputError), kept.book.working(HOME, calling("deploy")):
        kept.tasks.request_cancel(1, calling("cancel-task 1"))
        raise InputError("bad-yaml", "Not YAML.")
    assert kept.ended()[:2] == (TaskState.ERROR, "bad-yaml: Not YAML.")


def test_a_request_to_cancel_interrupts_the_work_once_within_a_second(kept: Kept) -> None:
    time, interrupts = VirtualTime(at=0.0), list[float]()
    with kept.tasks.begin_task(Task(environment=HOME, caller=calling("deploy"))) as task:
        watch = CancelWatch(kept.tasks, task.number, interrupt=lambda: interrupts.append(time.at), clock=time)
        for tick in range(50):
            time.at = tick / 10
            if tick == 21:
                kept.tasks.request_cancel(1, calling("cancel-task 1"))
            watch.look()
    assert interrupts == [3.0]


def test_the_next_task_ends_one_whose_process_died_before_any_run(kept: Kept) -> None:
    dead = kept.tasks.begin_task(Task(environment=HOME, caller=calling("deploy")))
    dead.__enter__()
    kept.book.end_dead_tasks(HOME)
    assert kept.ended()[0] is TaskState.PROCESSING
    kept.tasks.disk.alive.clear()
    with kept.book.working(HOME, calling("deploy")):
        assert kept.ended() == (TaskState.TIMEOUT, "interrupted", 1.0)
        assert kept.ended(2)[0] is TaskState.PROCESSING


def test_a_task_that_runs_is_asked_to_stop_and_one_that_does_not_is_closed_with_its_runs(tmp_path: Path) -> None:
    questions: list[str] = []
    simulation = Simulation()
    session = session_of(simulation, tmp_path)
    environment, caller = session.settings.environment, calling("cancel-task 1")
    plan = Plan(run=RunId("r1"), environment=environment, deployment=APP)
    run = Run(id=plan.run, environment=environment, deployment=APP, started_at=3.0, plan=plan, task=1)
    with session.world.tasks.begin_task(Task(environment=environment, caller=calling("deploy"))):
        with session.world.store.hold_lease(environment, APP, caller=caller) as lease:
            session.world.journal.begin_run(lease, run)
        asked = cancel.cancel_task(session, 1, caller=caller, confirm=questions.append)
        assert (asked.state, session.world.tasks.is_cancelling(1)) == (TaskState.CANCELLING, True)
    closed = cancel.cancel_task(session, 1, caller=caller, confirm=questions.append)
    assert closed.state is TaskState.CANCELLED
    assert questions == [
        "Task 1, 'deploy', starts nothing new and stops. The same command continues it.",
        "Task 1 will be marked as cancelled, whatever the outcome of its calls.",
    ]
    assert session.world.tasks.load_task(environment, 1) == Task(
        environment=environment,
        caller=calling("deploy"),
        number=1,
        state=TaskState.CANCELLED,
        ended_at=3.0,
        result="cancelled by hand",
        canceller=caller,
    )
    (ended,) = session.world.journal.runs_of_task(1)
    assert (ended.state, ended.ended_at) == (TaskState.CANCELLED, 3.0)
    for number, code in ((1, "task-ended"), (9, "task-missing")):
        with pytest.raises(InputError) as refused:
            cancel.cancel_task(session, number, caller=caller, confirm=questions.append)
        assert refused.value.code == code
