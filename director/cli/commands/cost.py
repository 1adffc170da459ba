"""`compleat cost`: what an environment has cost so far.

Takes flags, gives a table.
"""

import click

from director.app.use_cases import spent
from director.cli import opening, options
from director.cli.terminal import showing


@click.command("cost", epilog="Example: `compleat cost`")
@options.of_environment
def command(shell: options.Shell) -> None:
    """Show what the environment has cost so far, by deployment, from its journal and today's prices."""
    with opening.quiet_session(shell) as session:
        table = spent.list_spending(session)
    showing.show_table(shell.terminal, table)
