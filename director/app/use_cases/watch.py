"""The use case of the page: one task looked at again and again, and the one that continues it.

Takes a History, gives TaskViews.
"""

from collections.abc import Callable

from director.app.sessions.records import History
from director.app.use_cases import show
from director.model.ids import ActionId
from director.model.tasks.entries import Failed, Failure
from director.model.tasks.plan import Plan
from director.model.tasks.task import Task
from director.report.pages import task_view
from director.report.pages.task_log import TaskLog
from director.report.pages.task_view import TaskFacts, TaskView

_RECHECK_S = 1.0
"""Between looks at the task itself; its events are looked at each time."""


class WatchedTask:
    """Reads what is recorded and nothing else. With `is_following`, a newer task replaces one that is over."""

    _task: Task
    _is_alive: bool
    _log: TaskLog
    _cursor: int
    _plan_count: int
    _checked_at: float

    def __init__(self, history: History, number: int | None, *, now: Callable[[], float], is_following: bool) -> None:
        self._history = history
        self._now = now
        self._is_following = is_following
        self._begin(show.find_task(history, number))

    def look(self) -> TaskView | None:
        """The task as it is now; None where nothing happened since the last look."""
        page = self._history.events.events_after(self._task.number, self._cursor)
        self._cursor = page.cursor
        self._log.read(page.events)
        is_due = self._now() - self._checked_at >= _RECHECK_S
        if not page.events and not is_due:
            return None
        before = (self._task, self._is_alive)
        if is_due or self._plan_count != self._log.plans:
            self._check()
        if not page.events and before == (self._task, self._is_alive):
            return None
        return self.view()

    def view(self) -> TaskView:
        """The task as it was at the last look."""
        facts = TaskFacts(task=self._task, is_alive=self._is_alive, plans=self._plans, failures=self._failures)
        return task_view.view_of(facts, self._log, now=self._now())

    def _begin(self, task: Task) -> None:
        self._task = task
        self._log = TaskLog()
        self._cursor = 0
        self._plan_count = -1
        self._plans: tuple[Plan, ...] = ()
        self._failures: dict[ActionId, Failure] = {}
        self._is_alive = self._history.tasks.is_alive(task.number)
        self._checked_at = 0.0

    def _check(self) -> None:
        self._checked_at, before = self._now(), (self._task, self._is_alive)
        environment, number = self._history.settings.environment, self._task.number
        self._is_alive = self._history.tasks.is_alive(number)
        self._task = self._history.tasks.load_task(environment, number) or self._task
        if self._plan_count != self._log.plans or before != (self._task, self._is_alive):
            self._read_runs()
        if self._is_following and not self._is_alive:
            newest = self._history.tasks.list_tasks(environment, limit=1)
            if newest and newest[0].number > number:
                self._begin(newest[0])

    def _read_runs(self) -> None:
        """The plans of its runs, and what failed in those that are over."""
        self._plan_count = self._log.plans
        runs = tuple(show.whole_runs(self._history, self._task))
        self._plans = tuple(run.plan for run in runs)
        over = [run for run in runs if run.ended_at is not None or not self._is_alive]
        entries = [entry for run in over for entry in self._history.journal.read_entries(run.id)]
        self._failures = {entry.action: entry.failure for entry in entries if isinstance(entry, Failed)}
