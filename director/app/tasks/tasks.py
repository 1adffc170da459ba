"""A task around a use case: begun before anything is read, ended with what became of it.

Takes the Tasks port, the journal and a caller, gives the task; a task that a dead process left is ended here, too.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import TracebackType

from cpi.contract.errors import ExplainedError
from director import errors
from director.errors import DeclinedError
from director.model.ids import DeploymentName, EnvironmentName
from director.model.tasks.caller import Caller
from director.model.tasks.entries import Run
from director.model.tasks.task import Task, TaskState
from director.ports.clock import Clock
from director.ports.journal import Journal
from director.ports.runner import Interrupted
from director.ports.tasks import Tasks
from director.report import cleaning

INTERRUPTED = "interrupted"
_LONGEST = 500
"""Characters of a result; an error may repeat what a cloud said."""


class TaskBook:
    """What is needed to keep tasks: the port, the journal of their runs, and a clock."""

    def __init__(self, tasks: Tasks, journal: Journal, clock: Clock) -> None:
        self._tasks = tasks
        self._journal = journal
        self._clock = clock

    @contextmanager
    def working(self, environment: EnvironmentName, caller: Caller, deployment: str | None = None) -> Iterator[Task]:
        """Be the process that works on a new task. It ends with what is raised within; nothing raised is done."""
        deployments = (DeploymentName(deployment),) if deployment is not None else ()
        asked = Task(environment=environment, caller=caller, deployments=deployments)
        with self._tasks.begin_task(asked) as task, ExitStack() as ending:
            ending.push(_Ending(self, task))
            self.end_dead_tasks(environment)
            with self._cancellable(task):
                yield task

    def end_dead_tasks(self, environment: EnvironmentName) -> None:
        """End what dead processes left, unless a run of it is open still: the next command there settles that."""
        for task in self._tasks.open_tasks(environment):
            if not self._tasks.is_alive(task.number):
                runs = self._journal.runs_of_task(task.number)
                if not any(map(is_open, runs)):
                    state = TaskState.CANCELLED if task.state is TaskState.CANCELLING else TaskState.TIMEOUT
                    self._end(task, state, INTERRUPTED, ended_at=_last_end(task, runs))

    def end(self, task: Task, error: BaseException | None) -> None:
        """Write down how the task ended; one that was interrupted with a run open is left to the next command."""
        match error:
            case None:
                self._end(task, TaskState.DONE, self._made(task))
            case DeclinedError():
                self._end(task, TaskState.CANCELLED, error.what)
            case ExplainedError(code="task-cancelled"):
                self._end(task, TaskState.CANCELLED, error.why.partition(";")[0])
            case _ if is_interruption(error):
                if any(map(is_open, self._journal.runs_of_task(task.number))):
                    self._tasks.request_cancel(task.number, task.caller)
                else:
                    self._end(task, TaskState.CANCELLED, INTERRUPTED)
            case ExplainedError():
                self._end(task, TaskState.ERROR, f"{error.code}: {error.what}")
            case _:
                self._end(task, TaskState.ERROR, f"bug: compleat crashed: {type(error).__name__}.")

    @contextmanager
    def _cancellable(self, task: Task) -> Iterator[None]:
        """What interrupts the work after somebody else asked for that is raised as theirs, code `cancelled`."""
        try:
            yield
        except (KeyboardInterrupt, Interrupted, ExplainedError) as error:
            known = self._tasks.load_task(task.environment, task.number) if is_interruption(error) else None
            if known is None or known.canceller is None:
                raise
            by = known.canceller
            raise errors.cancelled(task.caller.command, by=by.who, cancel=by.command) from error

    def _made(self, task: Task) -> str:
        known = self._tasks.load_task(task.environment, task.number) or task
        return " ".join(f"/deployments/{name}" for name in known.deployments)

    def _end(self, task: Task, state: TaskState, result: str, *, ended_at: float | None = None) -> None:
        words = cleaning.clean_line(result, longest=_LONGEST)
        at = self._clock.now() if ended_at is None else ended_at
        self._tasks.end_task(task.number, state=state, result=words, ended_at=at)


class _Ending:
    """Ends the task with what left the block."""

    def __init__(self, book: TaskBook, task: Task) -> None:
        self._book = book
        self._task = task

    def __call__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._book.end(self._task, error)


def is_interruption(error: BaseException | None) -> bool:
    """Whether it says that somebody asked to stop."""
    match error:
        case KeyboardInterrupt() | Interrupted() | ExplainedError(code="interrupted"):
            return True
        case _:
            return False


def is_open(run: Run) -> bool:
    """Whether the run has no end on record."""
    return not run.state.is_over


def _last_end(task: Task, runs: tuple[Run, ...]) -> float:
    """The time at which a dead task last finished an action, or the time of its request if it finished none."""
    return max((run.ended_at for run in runs if run.ended_at is not None), default=task.caller.at)
