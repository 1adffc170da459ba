"""`compleat deployments`: list the environment's deployments.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import show
from director.app.wiring import records
from director.cli import near_end, options
from director.cli.terminal import showing


@click.command("deployments", epilog="Example: `compleat deployments`")
@options.listing
@options.of_environment
def command(shell: options.Shell) -> None:
    """List the environment's deployments."""
    with records.open_history(shell.settings) as history:
        near_end.tell(shell, history.store)
        table = show.list_deployments(history)
    showing.show_table(shell.terminal, table)
