"""Use cases that read a task's log: its events so far, or as they come.

Takes a Past, gives events and report values.
"""

from collections.abc import Callable, Iterable, Iterator

from director.app.sessions.records import History
from director.app.use_cases import show
from director.model.report import Table
from director.model.tasks.events import Event
from director.report import progress


def follow_task(history: History, number: int | None, *, pause: Callable[[], None] | None = None) -> Iterator[Event]:
    """The events of a task, the newest when None. With a pause also those to come, until no process works on the task.

    Raises InputError, code `task-missing`.
    """
    history.require_history()
    task, cursor = show.find_task(history, number), 0
    while True:
        is_alive = history.tasks.is_alive(task.number)  # asked first: what it writes at its end is read below
        page = history.events.events_after(task.number, cursor)
        yield from page.events
        cursor = page.cursor
        if pause is None or not is_alive:
            return
        pause()


def event_table(events: Iterable[Event]) -> Table:
    """Events as rows, oldest first."""
    return Table(
        name="progress",
        columns=("time", "happening", "stage", "subject", "action", "detail", "text", "done", "total"),
        rows=tuple(map(progress.event_row, events)),
        empty="Nothing was recorded.",
    )
