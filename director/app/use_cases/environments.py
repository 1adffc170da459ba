"""The use cases `environments` and `locks`: what a home has, and what is being changed.

Takes a History, gives tables.
"""

from collections.abc import Callable, Iterator, Mapping

from cpi.contract.values import ENVIRONMENT_ITSELF, JsonValue
from director.app.sessions.records import History
from director.model.ids import EnvironmentName
from director.model.report import Bill, Table
from director.model.tasks.task import Task
from director.report import environment_rows

_ALL_RUNS = 1_000_000
_ALL_TASKS = 1000


BillOf = Callable[[EnvironmentName], Bill]
"""What an hour of an environment costs; an empty bill where that is not known."""


def list_environments(history: History, bill_of: BillOf, *, only: EnvironmentName | None = None) -> Table:
    """Every environment of the home, whatever its files say now; what a month costs, if a cloud has prices.

    One alone if `only` names it. Raises InputError, code `environment-missing`.
    """
    if only is not None:
        history.require_environment()
    names = (only,) if only is not None else history.store.list_environments()
    rows = tuple(row for name in names for row in _environment(history, name, bill_of))
    return Table(
        name="environments",
        columns=environment_rows.columns_of(rows),
        rows=rows,
        less_important=("disks", "region"),
        empty="No environments. `compleat up` builds one.",
    )


def list_locks(history: History) -> Table:
    """The deployments that a living process changes, with its task; the environment itself while all of it is."""
    environment = history.settings.environment
    history.require_history_or_empty_home()
    tasks = history.tasks.list_tasks(environment, limit=_ALL_TASKS)
    rows = [row for task in tasks if _is_running(history, task) for row in _locks(history, task)]
    return Table(name="locks", columns=environment_rows.LOCK_COLUMNS, rows=tuple(rows), empty="No locks.")


def _environment(history: History, name: EnvironmentName, bill_of: BillOf) -> Iterator[Mapping[str, JsonValue]]:
    """Its row; none if it is removed meanwhile."""
    found = history.store.load_environment(name)
    if found is None:
        return
    runs = history.journal.list_runs(name, limit=_ALL_RUNS)
    since = min((run.started_at for run in runs if run.number > found.former_runs), default=None)
    states = history.store.list_deployments(name)
    yield environment_rows.environment_row(found, states, since=since, bill=bill_of(name))


def _is_running(history: History, task: Task) -> bool:
    return not task.state.is_over and history.tasks.is_alive(task.number)


def _locks(history: History, task: Task) -> Iterator[Mapping[str, JsonValue]]:
    environment = history.settings.environment
    for deployment in task.deployments:
        if history.store.is_held(environment, deployment):
            yield environment_rows.lock_row(task, kind="deployment", resource=str(deployment))
    if not task.deployments and history.store.is_held(environment, ENVIRONMENT_ITSELF):
        yield environment_rows.lock_row(task, kind="environment", resource=environment)
