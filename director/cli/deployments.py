"""`compleat deployments`: list the environment's deployments.

Takes flags, gives output and an exit code.
"""

import click

from director.app import show
from director.cli import opening, options, showing


@click.command("deployments", epilog="Example: `compleat deployments --json`")
@options.shared
def command(shell: options.Shell) -> None:
    """List the environment's deployments."""
    with opening.quiet_session(shell) as session:
        table = show.list_deployments(session)
    showing.show_table(shell.terminal, table)
