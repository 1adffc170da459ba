"""`compleat variables`: list the names of generated secrets; never their values.

Takes flags, gives output and an exit code.
"""

import click

from director.app import show
from director.cli import opening, options, showing


@click.command("variables", epilog="Example: `compleat variables -d platform`")
@options.shared
def command(shell: options.Shell) -> None:
    """List the names of generated secrets; never their values."""
    with opening.quiet_session(shell) as session:
        table = show.list_variables(session, shell.deployment)
    showing.show_table(shell.terminal, table)
