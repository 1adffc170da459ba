"""Every cloud of the environment, connected.

Takes a Home, gives clouds by name.
"""

from collections.abc import Mapping
from pathlib import Path

from cpi import plugins
from cpi.contract.cloud import ConnectedCloud, ConnectSettings
from cpi.contract.errors import CloudError
from director.app.sessions import environment_files
from director.app.wiring import cloud_progress
from director.app.wiring.clocks import open_clock
from director.app.wiring.environments import read_environment
from director.app.wiring.homes import Home
from director.errors import InputError, raise_all
from director.model import cloud_names
from director.model.environments.environment import CloudChoice

_ABOUT_PLUGIN = frozenset({"unknown-cloud", "cpi-not-there"})
"""Errors of a cloud's plugin itself, not of its properties."""


def connect_clouds(home: Home) -> Mapping[str, ConnectedCloud]:
    """Connect all of them, or raise what every plugin refuses, each with its place in the environment's file."""
    clouds = connect_all(home, home.part(read_environment))
    for cloud in clouds.values():
        home.closing.callback(cloud.close)
    return clouds


def connect_all(home: Home, read: environment_files.ReadFile) -> Mapping[str, ConnectedCloud]:
    """The clouds of a file, for the caller to close. Raises InputError and Problems: what every plugin refuses."""
    clouds, problems = {}, []
    for index, choice in enumerate(environment_files.cloud_choices(read.file)):
        try:
            clouds[choice.name] = _connect(choice, home, tags=read.file.tags)
        except CloudError as error:
            is_plugin = error.code in _ABOUT_PLUGIN
            where = read.where_of_cloud(index, is_plugin=is_plugin, setting=error.property_path)
            problems.append(InputError.of(error, where=where))
    if problems:
        for cloud in clouds.values():
            cloud.close()
    raise_all(problems)
    return clouds


def _connect(choice: CloudChoice, home: Home, *, tags: Mapping[str, str]) -> ConnectedCloud:
    settings, called = home.settings, cloud_names.shown_name(choice.name)
    asked = ConnectSettings(
        environment=settings.environment,
        state_dir=str(Path(settings.home) / "environments" / settings.environment / "clouds" / choice.name),
        properties=choice.properties,
        tags=tags,
        progress=cloud_progress.progress_of(home.watcher, home.part(open_clock), called or choice.plugin),
    )
    return plugins.connect(choice.plugin, asked, called=called)
