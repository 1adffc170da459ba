"""Room for the records of uploaded releases.

Takes a store of revision 0007, gives the same with an empty table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "releases",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("version", sa.String, primary_key=True),
        sa.Column("compiled_for", sa.String, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
