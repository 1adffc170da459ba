"""What was recorded, alone: for commands that look at no VM and ask no cloud, and must start at once.

Takes settings, gives a Past; and the parts of the home, which wire.py builds a whole world on.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from director.app.past import Past
from director.app.settings import Settings, check_environment
from director.edge.machine import whole_files
from director.edge.secrets.vault_dir import VaultDir
from director.edge.state.sql_database import Database
from director.edge.state.sql_journal import SqlJournal
from director.edge.state.sql_store import SqlStore
from director.errors import InputError


@contextmanager
def open_past(settings: Settings) -> Iterator[Past]:
    """Open what the home remembers. The environment's file is not read: no cloud of it is needed.

    Raises InputError: bad-environment-name, home-denied, home-not-a-folder, and the codes of the state store.
    """
    check_environment(settings)
    home = open_home(settings)
    database = open_database(home)
    try:
        yield Past(
            settings=settings,
            store=SqlStore(database, home / "leases"),
            journal=SqlJournal(database),
            vault=open_vault(home),
        )
    finally:
        database.close()


def open_home(settings: Settings) -> Path:
    """The home folder, made private. Raises InputError: home-denied, home-not-a-folder; StateError: disk-full."""
    home = Path(settings.home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_mode & 0o777 != 0o700:
            home.chmod(0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            "home-not-a-folder",
            f"The state cannot be kept in {home}: there is a file where a folder is needed.",
            why=f"The system said: {error.strerror}.",
            fix="Move that file away, or set COMPLEAT_HOME to a folder.",
        ) from error
    except OSError as error:
        if whole_files.is_full(error):
            raise whole_files.storage_error(home, error) from error
        raise _denied(home, error.strerror or "no reason given") from error
    if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
        raise _denied(home, "Permission denied" if os.access(home.parent, os.W_OK) else "It is read-only")
    return home


def open_database(home: Path) -> Database:
    """The state store, whose documents are sealed with the vault's key."""
    return Database(home / "state.db", open_vault(home).key)


def open_vault(home: Path) -> VaultDir:
    """The vault with its key."""
    return VaultDir(home / "vault", home / "vault.key")


def _denied(home: Path, reason: str) -> InputError:
    return InputError(
        "home-denied",
        f"Cannot write in {home}, where the state belongs.",
        why=f"The system said: {reason}. Commands that only read need it, too: the state's log lies there.",
        fix="Give your user the folder (chown), or set COMPLEAT_HOME to one of your own.",
    )
