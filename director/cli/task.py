"""`compleat task`: show one task, action by action; the newest without a number.

Takes flags, gives output and an exit code.
"""

import click

from director.app import show
from director.cli import opening, options, showing


@click.command("task", epilog="Example: `compleat task`")
@click.argument("number", type=int, required=False)
@options.shared
def command(shell: options.Shell, number: int | None) -> None:
    """Show one task, action by action; the newest without a number."""
    with opening.quiet_session(shell) as session:
        table = show.show_task(session, number)
    showing.show_table(shell.terminal, table)
