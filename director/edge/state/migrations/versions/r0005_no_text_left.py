"""The store's file and log contain no text from before its documents were sealed: sql_upgrade.py rewrote them.

Takes a store of revision 0004 after that, gives the same: the number says that it was done.
"""

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Change nothing."""
