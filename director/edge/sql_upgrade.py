"""A program: bring a state store's schema to the newest revision. Alembic is slow to import, so it runs apart.

Takes the database's URL on standard input, gives exit code 0 when done; else SQLite's reason on standard error.
"""

import sys
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config


def upgrade(url: str) -> None:
    """Run the missing revisions, all in one transaction."""
    engine = sa.create_engine(url, connect_args={"timeout": 30})
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
    engine.dispose()


if __name__ == "__main__":
    try:
        upgrade(sys.stdin.readline().strip())
    except sa.exc.DBAPIError as error:
        sys.exit(str(error.orig))
