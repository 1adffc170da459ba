"""The home folder itself.

Takes a Home, gives its path.
"""

import os
from pathlib import Path

from director.app.wiring.homes import Home
from director.edge.machine import atomic_files
from director.errors import InputError, StateError

RESTORING = ("restoring", "begun")
"""The file that says that a restore of the home has begun to exchange its content and has not ended."""


def open_folder(opened: Home) -> Path:
    """The home folder, made private.

    Raises InputError: home-denied, home-not-a-folder; StateError: disk-full, restore-unfinished.
    """
    home = make_folder(opened)
    if home.joinpath(*RESTORING).exists():
        raise _half_restored(home)
    return home


def make_folder(opened: Home) -> Path:
    """The same, also while a restore is not finished."""
    home = Path(opened.settings.home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_mode & 0o777 != 0o700:
            home.chmod(0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            "home-not-a-folder",
            f"The state cannot be kept in {home}: the path is a file, not a folder.",
            why=f"System error: {error.strerror}.",
            fix="Move that file away, or set COMPLEAT_HOME to a folder.",
        ) from error
    except OSError as error:
        if atomic_files.is_full(error):
            raise atomic_files.storage_error(home, error) from error
        raise _denied(home, error.strerror or "no reason given") from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise _denied(home, "Permission denied" if os.access(home.parent, os.W_OK) else "It is read-only")
    return home


def _denied(home: Path, reason: str) -> InputError:
    return InputError(
        "home-denied",
        f"The state folder {home} is not writable.",
        why=f"System error: {reason}. Read-only commands need write access too, for the state's log.",
        fix="Make your user its owner (chown), or set COMPLEAT_HOME to a folder of yours.",
    )


def _half_restored(home: Path) -> StateError:
    return StateError(
        "restore-unfinished",
        f"The home {home} is being restored.",
        why="A `compleat restore` runs now, or was interrupted; until it ends the state is not whole.",
        fix="Wait for it to end, or run it again: it continues.",
    )
