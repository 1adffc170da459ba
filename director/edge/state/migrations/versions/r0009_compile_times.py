"""Room for the compile times of packages, which a file beside the store held without a lock.

Takes a store of revision 0008, gives the same with an empty table: the times are estimates, and the next deploy notes
them again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "compile_times",
        sa.Column("package", sa.String, primary_key=True),
        sa.Column("took_s", sa.Float, nullable=False),
    )
