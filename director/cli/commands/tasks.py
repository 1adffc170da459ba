"""`compleat tasks`: list what was run, the newest first.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import show
from director.app.wiring import records
from director.cli import moment_option, near_end, options
from director.cli.attached_values import AttachedCount
from director.cli.terminal import showing


@click.command("tasks", epilog="Example: `compleat tasks --recent 5`")
@click.option(
    "--recent",
    "-r",
    type=AttachedCount(),
    is_flag=False,
    flag_value=30,
    default=30,
    show_default=True,
    help="Maximum number of tasks.",
)
@moment_option.shared
@options.listing
@options.shared
def command(shell: options.Shell, *, recent: int, before: float | None, after: float | None) -> None:
    """List tasks, the newest first."""
    wanted = show.HistoryFilter(deployment=shell.deployment, limit=recent, before=before, after=after)
    with records.open_history(shell.settings) as history:
        near_end.tell(shell, history.store)
        table = show.list_tasks(history, wanted)
    showing.show_table(shell.terminal, table)
