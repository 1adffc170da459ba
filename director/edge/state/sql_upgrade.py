"""A program: bring a state store's schema to the newest revision. Alembic is slow to import, so it runs apart.

Takes three lines on standard input: the paths of the database, of the vault's key and of the vault. Gives exit code 0
when done; else SQLite's reason on standard error.
"""

import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from director.edge.secrets.sealing import Sealing
from director.edge.secrets.vault_key import VaultKey
from director.errors import StateError

_SEALED = "0004"
_PATIENCE_S = 30


def upgrade(path: Path, key: VaultKey) -> None:
    """Run the missing revisions. Killed at any time it is run again and continues."""
    _run(path, Sealing(key), target=_SEALED)
    _remove_text(path)
    _run(path, Sealing(key), target="head")
    _log_ahead(path)


def _run(path: Path, sealing: Sealing, *, target: str) -> None:
    """All in one transaction."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": _PATIENCE_S})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["sealing"] = sealing
    with engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        connection.commit()
    engine.dispose()


def _log_ahead(path: Path) -> None:
    """Last: a new state is whole in its one file, and nothing of it in a log that a full disk keeps from merging."""
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _remove_text(path: Path) -> None:
    """Rewrite the file and empty its log, so that free pages keep no old content."""
    with closing(sqlite3.connect(path, timeout=_PATIENCE_S, isolation_level=None)) as connection:
        connection.execute("VACUUM")
        (is_busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if is_busy:
        raise sqlite3.OperationalError("database is locked")


if __name__ == "__main__":
    try:
        state, key_file, vault = (Path(line.rstrip("\n")) for line in sys.stdin)
        upgrade(state, VaultKey(key_file, vault=vault))
    except sa.exc.DBAPIError as error:
        sys.exit(str(error.orig))
    except sqlite3.DatabaseError as error:
        sys.exit(str(error))
    except StateError as error:
        sys.exit(f"{error.what} {error.why}")
