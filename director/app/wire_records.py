"""What was recorded, alone: for commands that look at no VM and ask no cloud, and must start at once.

Takes settings, gives a Past; and the parts of the home, which wire.py builds a whole world on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from director.app.past import Past
from director.app.settings import Settings, check_environment
from director.edge.sql_database import Database
from director.edge.sql_journal import SqlJournal
from director.edge.sql_store import SqlStore
from director.edge.vault_dir import VaultDir
from director.errors import InputError, StateError


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
    """The home folder, made private. Raises InputError, code `home-denied`."""
    home = Path(settings.home)
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.chmod(0o700)
        (home / ".writable").touch(mode=0o600)
        (home / ".writable").unlink()
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            "home-not-a-folder",
            f"The state cannot be kept in {home}: there is a file where a folder is needed.",
            why=f"The system said: {error.strerror}.",
            fix="Move that file away, or set COMPLEAT_HOME to a folder.",
        ) from error
    except OSError as error:
        raise InputError(
            "home-denied",
            f"Cannot write in {home}, where the state belongs.",
            why=f"The system said: {error.strerror}.",
            fix="Give your user the folder (chown), or set COMPLEAT_HOME to one of your own.",
        ) from error
    return home


def open_database(home: Path) -> Database:
    """The state store. What cannot be opened is refused before anything happens."""
    try:
        return Database(home / "state.db")
    except StateError as error:
        raise InputError(error.code, error.what, why=error.why, fix=error.fix, where=error.where) from error


def open_vault(home: Path) -> VaultDir:
    """The vault with its key."""
    return VaultDir(home / "vault", home / "vault.key")
