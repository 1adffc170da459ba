"""`compleat environments` and `locks`: what this home has, and what is being changed.

Takes flags, gives tables.
"""

import click

from director.app.use_cases import environments as listing
from director.app.wiring import records
from director.cli import options
from director.cli.terminal import showing


@click.command("environments", epilog="Example: `compleat environments`")
@options.listing
@options.of_environment
def environments(shell: options.Shell) -> None:
    """List the environments of this home: cloud, region, since when, and what runs there."""
    with records.open_history(shell.settings) as history:
        table = listing.list_environments(history)
    showing.show_table(shell.terminal, table)


@click.command("locks", epilog="Example: `compleat locks`")
@options.listing
@options.of_environment
def locks(shell: options.Shell) -> None:
    """List what running commands have locked: deployments, or the whole environment."""
    with records.open_history(shell.settings) as history:
        table = listing.list_locks(history)
    showing.show_table(shell.terminal, table)
