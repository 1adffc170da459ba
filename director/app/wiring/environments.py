"""The environment's file, read once.

Takes a Home, gives the file as written and its clouds.
"""

from director.app.sessions import environment_files
from director.app.wiring.files import open_files
from director.app.wiring.homes import Home


def read_environment(home: Home) -> environment_files.ReadFile:
    """The environment's file. Raises InputError and Problems as environment_files.read_environment_file does."""
    return environment_files.read_environment_file(home.part(open_files), home.settings)
