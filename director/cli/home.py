"""The directory of all state: COMPLEAT_HOME, or ~/.compleat.

Takes the environment of the process, gives an absolute path.
"""

import os
from pathlib import Path

from director.errors import WrongUseError


def find_home() -> Path:
    """The home folder; a leading ~ is the user's, as in a shell. Raises WrongUseError, code `home-relative`."""
    named = os.environ.get("COMPLEAT_HOME")
    home = _expanded(named) if named else default_home()
    if not home.is_absolute():
        raise WrongUseError(
            "home-relative",
            f"COMPLEAT_HOME is not an absolute path: '{named}'.",
            why="A relative path would mean a different home in every folder.",
            fix=f"Set COMPLEAT_HOME to an absolute path, such as {home.absolute()}.",
        )
    return home


def default_home() -> Path:
    """The home without COMPLEAT_HOME."""
    return Path.home() / ".compleat"


def _expanded(named: str) -> Path:
    try:
        return Path(named).expanduser()
    except RuntimeError:  # the home of a user that is not there
        return Path(named)
