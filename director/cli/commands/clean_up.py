"""`compleat clean-up`: releases, stemcells and disks that nothing uses.

Takes flags, gives what was deleted.
"""

import click

from director.app.use_cases import clean_up
from director.app.wiring import release_homes
from director.cli import opening, options
from director.model.report import Table
from director.report import as_json, tables


@click.command("clean-up", epilog="Example: `compleat clean-up --all`")
@click.option("--all", "is_all", is_flag=True, help="Delete every unused version, and orphaned disks.")
@options.of_environment
def command(shell: options.Shell, *, is_all: bool) -> None:
    """Delete uploaded releases and stemcells that no deployment uses; the two newest versions of each stay.

    What will be deleted is listed first.
    """
    with opening.task(shell) as session, release_homes.open_release_home(shell.settings) as home:
        unneeded = clean_up.find_unneeded(session, home, is_all=is_all)
        table = clean_up.unneeded_table(session, unneeded)
        if table.rows:
            shell.confirm(tables.table_lines(table, width=shell.terminal.width), "Delete them?")
            clean_up.clean_up(session, home, unneeded, caller=shell.caller)
    _show(shell, table)


def _show(shell: options.Shell, table: Table) -> None:
    if shell.terminal.is_json:
        shell.terminal.say_json(as_json.table_json(table))
    elif table.rows:
        shell.terminal.say([*tables.table_lines(table, width=shell.terminal.width), "Deleted."])
    else:
        shell.terminal.say([table.empty])
