"""The records of configs opened, with what checks a new version of one.

Takes settings, gives a ConfigHome, and closes what was opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from director.app.sessions.config_home import ConfigHome
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.settings import Settings
from director.app.tasks.tasks import TaskBook
from director.app.wiring import clouds
from director.app.wiring.clocks import open_clock
from director.app.wiring.environments import require_known
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.app.wiring.records import open_configs, open_journal, open_release_records, open_store, open_tasks
from director.model.tasks.caller import Caller
from director.ports.watcher import Watcher


@contextmanager
def open_config_home(settings: Settings) -> Iterator[ConfigHome]:
    """Open it to look.

    Raises InputError: bad-environment-name, environment-file-missing, home-denied, home-not-a-folder.
    """
    with Home(settings) as home:
        require_known(home)
        yield _opened(home)


@contextmanager
def open_config_task(settings: Settings, caller: Caller, watcher: Watcher) -> Iterator[ConfigHome]:
    """The same to change it, as a new task of the caller's."""
    with Home(settings, watcher) as home:
        require_known(home)
        book = TaskBook(home.part(open_tasks), home.part(open_journal), home.part(open_clock))
        with book.working(settings.environment, caller):
            yield _opened(home)


def _opened(home: Home) -> ConfigHome:
    def connect(read: ReadFile) -> None:
        for cloud in clouds.connect_all(home, read).values():
            cloud.close()

    return ConfigHome(
        settings=home.settings,
        store=home.part(open_store),
        journal=home.part(open_journal),
        records=home.part(open_configs),
        releases=home.part(open_release_records),
        files=home.part(open_files),
        clock=home.part(open_clock),
        connect=connect,
    )
