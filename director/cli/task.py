"""`compleat task`: show one task, action by action; the newest without a number.

Takes flags, gives output and an exit code.
"""

import click

from director.app import show
from director.app.wiring import records
from director.cli import options, showing


@click.command("task", epilog="Example: `compleat task`")
@click.argument("number", type=int, required=False)
@options.of_environment
def command(shell: options.Shell, number: int | None) -> None:
    """Show one task, action by action; the newest without a number."""
    with records.open_past(shell.settings) as past:
        table = show.show_task(past, number)
    showing.show_table(shell.terminal, table)
