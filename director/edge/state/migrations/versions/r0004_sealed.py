"""Documents that may hold secrets are sealed with the vault's key: environments, deployments, plans and entries.

Takes a store of revision 0003, gives the same with those documents as sealed blobs. The text that stood there is
removed from the file by what runs this (sql_upgrade.py), before revision 0005.
"""

import sqlalchemy as sa
from alembic import context, op

from director.edge.secrets.sealed_rows import COLUMNS
from director.edge.secrets.sealing import RowPlace

revision = "0004"
down_revision = "0003"

_TABLES = ("environments", "deployments", "runs", "entries")


def upgrade() -> None:
    """Seal, and forbid text from now on, also to an earlier version that still runs."""
    for table in _TABLES:
        _seal(table)
        _forbid_text(table)


def _seal(table: str) -> None:
    connection, sealing = op.get_bind(), context.config.attributes["sealing"]
    column, names = COLUMNS[table]
    found = sa.table(table, *map(sa.column, ("rowid", column, *names)))
    is_text = sa.func.typeof(found.c[column]) == "text"
    for (row,) in connection.execute(sa.select(found.c.rowid).where(is_text)).all():
        query = sa.select(found.c[column], *(found.c[name] for name in names)).where(found.c.rowid == row)
        text, *key = connection.execute(query).one()
        place = RowPlace(table=table, column=column, key=tuple(map(str, key)))
        sealed = {column: sealing.seal(text, place)}
        connection.execute(sa.update(found).where(found.c.rowid == row).values(sealed))


def _forbid_text(table: str) -> None:
    column, _ = COLUMNS[table]
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER IF NOT EXISTS {table}_sealed_{event.lower()} BEFORE {event} ON {table} "
            f"WHEN typeof(NEW.{column}) <> 'blob' "
            "BEGIN SELECT RAISE(ABORT, 'a later version of compleat has sealed this state'); END"
        )
