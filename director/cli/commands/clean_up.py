"""`compleat clean-up`: releases, stemcells, packages and disks that nothing uses.

Takes flags, gives what was deleted.
"""

import click

from director.app.use_cases import clean_up as cleaning
from director.app.use_cases.clean_up import CleaningRequest
from director.app.wiring import release_homes
from director.cli import opening, options
from director.model.report import Table
from director.report import as_json, deletion_rows, tables


@click.command("clean-up", epilog="Example: `compleat clean-up --all`")
@click.option("--all", "is_all", is_flag=True, help="Delete every unused version, and orphaned disks.")
@click.option("--keep-orphaned-disks", "keeps_disks", is_flag=True, help="Keep orphaned disks in spite of --all.")
@click.option("--dry-run", "is_dry", is_flag=True, help="List what would be deleted, and delete nothing.")
@options.of_environment
def command(shell: options.Shell, *, is_all: bool, keeps_disks: bool, is_dry: bool) -> None:
    """Delete uploaded releases and stemcells that no deployment uses, except the two newest versions of each; and
    compiled packages, on this machine and in object storage, that no deployment, revision or stored plan uses.

    What will be deleted is listed first.
    """
    if keeps_disks and not is_all:
        raise click.UsageError("--keep-orphaned-disks changes what --all deletes: name both.")
    request = CleaningRequest(is_all=is_all, keeps_disks=keeps_disks)
    with (
        opening.quiet_session(shell) if is_dry else opening.task(shell) as session,
        release_homes.open_release_home(shell.settings) as home,
    ):
        unneeded = cleaning.find_unneeded(session, home, request)
        table = cleaning.unneeded_table(session, unneeded, is_deleted=not is_dry)
        if table.rows and not is_dry:
            shell.confirm([*_lines(shell, table), f"To delete: {deletion_rows.sum_text(table)}."], "Delete them?")
            cleaning.clean_up(session, home, unneeded, caller=shell.caller)
    if shell.terminal.is_json:
        shell.terminal.say_json(as_json.table_json(table))
    elif table.rows:
        shell.terminal.say(
            [*_lines(shell, table), f"{'To delete: ' if is_dry else 'Deleted '}{deletion_rows.sum_text(table)}."]
        )
    else:
        shell.terminal.say([table.empty])


def _lines(shell: options.Shell, table: Table) -> list[str]:
    return list(tables.table_lines(table, width=shell.terminal.width))
