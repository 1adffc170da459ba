"""A home's releases opened, for commands that need no environment's file.

Takes settings, gives a ReleaseHome, and closes what was opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from director.app.sessions.release_home import ReleaseHome
from director.app.sessions.settings import Settings
from director.app.tasks.tasks import TaskBook
from director.app.wiring.blobs import open_releases
from director.app.wiring.clocks import open_clock
from director.app.wiring.environments import require_known
from director.app.wiring.homes import Home
from director.app.wiring.records import open_journal, open_plans, open_release_records, open_store, open_tasks
from director.app.wiring.sessions import Watching
from director.app.wiring.uploads import open_uploads
from director.edge.machine import threads
from director.model.tasks.caller import Caller


@contextmanager
def open_release_home(settings: Settings) -> Iterator[ReleaseHome]:
    """Open it to look.

    Raises InputError: bad-environment-name, environment-file-missing, home-denied, home-not-a-folder.
    """
    with Home(settings) as home:
        require_known(home)
        yield _opened(home)


@contextmanager
def open_release_task(settings: Settings, caller: Caller, watcher: Watching | None = None) -> Iterator[ReleaseHome]:
    """The same to change it, as a new task of the caller's in the environment that the command names.

    A watcher is given how far downloads are.
    """
    with Home(settings, watcher) as home, threads.ticking(watcher.tick) if watcher else nullcontext():
        require_known(home)
        book = TaskBook(home.part(open_tasks), home.part(open_journal), home.part(open_clock))
        with book.working(settings.environment, caller):
            yield _opened(home)


def _opened(home: Home) -> ReleaseHome:
    return ReleaseHome(
        settings=home.settings,
        store=home.part(open_store),
        journal=home.part(open_journal),
        plans=home.part(open_plans),
        records=home.part(open_release_records),
        releases=home.part(open_releases),
        uploads=home.part(open_uploads),
        clock=home.part(open_clock),
    )
