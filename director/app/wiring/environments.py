"""The environment's file, read once.

Takes a Home, gives the file as written and its clouds.
"""

from director.app.sessions import environment_files
from director.app.sessions.settings import check_environment
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.app.wiring.records import is_recorded, read_configs
from director.model.configs import KeptConfigs


def require_known(home: Home) -> None:
    """Refuse a name that neither a file nor a record has, before anything is written under it.

    Raises InputError: bad-environment-name, environment-file-missing.
    """
    check_environment(home.settings)
    files = home.part(open_files)
    if not environment_files.is_written(files, home.settings) and not is_recorded(home):
        environment_files.require_written(files, home.settings)


def read_environment(home: Home) -> environment_files.ReadFile:
    """The environment's file. Raises InputError and Problems as environment_files.read_environment_file does."""
    check_environment(home.settings)
    kept = KeptConfigs(read_configs(home))
    return environment_files.read_environment_file(home.part(open_files), home.settings, kept)
