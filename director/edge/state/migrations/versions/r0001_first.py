"""The first schema: environments, deployments, leases, runs and their entries.

Takes an empty database, gives one of revision 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables as they were at this revision."""
    op.create_table(
        "environments",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "deployments",
        sa.Column("environment", sa.String, primary_key=True),
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("serial", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    _create_leases()
    _create_runs()


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("environment", sa.String, primary_key=True),
        sa.Column("deployment", sa.String, primary_key=True),
        sa.Column("token", sa.Integer, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("command", sa.String, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
    )


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("environment", sa.String, nullable=False),
        sa.Column("deployment", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
    )
    op.create_index("runs_by_state", "runs", ["environment", "deployment", "state"])
    op.create_table(
        "entries",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("ix_entries_run", "entries", ["run"])
