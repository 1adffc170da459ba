"""What `leftovers` needs, opened.

Takes settings and a watcher, gives a LeftoversHome, and closes what was opened.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cpi.contract.errors import ExplainedError
from director.app.sessions import environment_files, used_places
from director.app.sessions.environment_files import ReadFile
from director.app.sessions.leftovers_home import LeftoversHome
from director.app.sessions.session import Session
from director.app.sessions.settings import Settings, check_environment
from director.app.wiring import sessions
from director.app.wiring.environments import read_environment
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.app.wiring.records import open_configs, open_store
from director.app.wiring.sessions import Watching
from director.model.environments.environment import CloudChoice
from director.model.leftovers import UsedPlace


@contextmanager
def open_leftovers_home(settings: Settings, watcher: Watching) -> Iterator[LeftoversHome]:
    """Open the home. Raises InputError: bad-environment-name, home-denied, home-not-a-folder; the state store's."""
    check_environment(settings)

    @contextmanager
    def open_place(place: UsedPlace) -> Iterator[Session]:
        own = replace(settings, environment=place.environment)
        choice = used_places.choice_at(place, _present_choices(own))
        with sessions.open_session(own, watcher, environment_files.file_of_cloud(place.environment, choice)) as at:
            yield at

    with Home(settings, watcher) as home:
        yield LeftoversHome(
            settings=settings,
            files=home.part(open_files),
            store=home.part(open_store),
            configs=home.part(open_configs),
            open_present=lambda name: sessions.open_session(replace(settings, environment=name), watcher),
            open_place=open_place,
        )


def _present_choices(settings: Settings) -> tuple[CloudChoice, ...]:
    """The clouds of the environment's file; none where it cannot be read, which is reported for the file itself."""
    with Home(settings) as home:
        try:
            read: ReadFile = home.part(read_environment)
        except ExplainedError:
            return ()
        return environment_files.cloud_choices(read.file)
