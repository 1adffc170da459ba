"""`compleat events`: list what was created, changed and deleted, the newest first.

Takes flags, gives output and an exit code.
"""

import click

from director.app import show
from director.cli import opening, options, showing


@click.command("events", epilog="Example: `compleat events --recent 100`")
@click.option("--recent", default=200, show_default=True, help="How many at most.")
@options.shared
def command(shell: options.Shell, recent: int) -> None:
    """List what was created, changed and deleted, the newest first."""
    with opening.quiet_session(shell) as session:
        table = show.list_events(session, limit=recent)
    showing.show_table(shell.terminal, table)
