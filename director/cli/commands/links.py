"""`compleat links`: list links between deployments.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import show
from director.app.wiring import records
from director.cli import near_end, options
from director.cli.terminal import showing


@click.command("links", epilog="Example: `compleat links -d platform`")
@options.listing
@options.shared
def command(shell: options.Shell) -> None:
    """List links that deployments share, with their consumers."""
    with records.open_history(shell.settings) as history:
        near_end.tell(shell, history.store)
        table = show.list_links(history, shell.deployment)
    showing.show_table(shell.terminal, table)
