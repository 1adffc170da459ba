"""The environment's file, read once.

Takes a Home, gives the file as written and its clouds.
"""

from director.app.sessions import environment_files
from director.app.sessions.settings import check_environment
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home
from director.app.wiring.records import read_configs
from director.model.configs import KeptConfigs


def read_environment(home: Home) -> environment_files.ReadFile:
    """The environment's file. Raises InputError and Problems as environment_files.read_environment_file does."""
    check_environment(home.settings)
    kept = KeptConfigs(read_configs(home))
    return environment_files.read_environment_file(home.part(open_files), home.settings, kept)
