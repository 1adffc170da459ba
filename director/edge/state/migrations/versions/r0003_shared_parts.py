"""Saved plans hold what the instances of a group share once; plans saved before stay as they are, and are read.

Takes a store of revision 0002, gives the same: the number alone keeps earlier versions from plans they cannot read.
"""

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change nothing."""
