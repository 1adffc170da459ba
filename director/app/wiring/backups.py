"""Backups of the home.

Takes settings, gives the port.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from director.app.sessions.settings import Settings
from director.app.wiring.folders import make_folder
from director.app.wiring.homes import Home
from director.app.wiring.records import open_store
from director.edge.backups.backup_archives import LocalBackups
from director.ports.backups import Backups


@contextmanager
def open_to_back_up(settings: Settings) -> Iterator[Backups]:
    """The port for a home whose state was brought to this version's schema.

    Raises InputError: home-denied, home-not-a-folder; the codes of the state store.
    """
    with Home(settings) as home:
        folder = home.part(make_folder)
        if (folder / "state.db").exists():
            home.part(open_store)
        yield LocalBackups(folder)


def open_to_restore(settings: Settings) -> Backups:
    """The port for a home that may be empty, damaged, or half restored.

    Raises InputError: home-denied, home-not-a-folder.
    """
    with Home(settings) as home:
        return LocalBackups(home.part(make_folder))
