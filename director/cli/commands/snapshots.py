"""`compleat snapshots`, `take-snapshot`, `delete-snapshot` and `delete-snapshots`: kept contents of persistent disks.

Takes flags, gives a table or how it ended.
"""

import click

from director.app.use_cases import disks as using
from director.cli import change, opening, options
from director.cli.terminal import showing


@click.command("snapshots", epilog="Example: `compleat snapshots -d hello`")
@click.argument("instance", required=False)
@options.listing
@options.shared
def snapshots(shell: options.Shell, instance: str | None) -> None:
    """List the snapshots of persistent disks; those of INSTANCE (group/index) if it is named."""
    with opening.quiet_session(shell) as session:
        table = using.list_snapshots(session, shell.deployment, instance)
    showing.show_table(shell.terminal, table)


@click.command("take-snapshot", epilog="Example: `compleat take-snapshot -d hello hello/0`")
@click.argument("instance", required=False)
@options.shared
def take(shell: options.Shell, instance: str | None) -> None:
    """Take a snapshot of each persistent disk of INSTANCE (group/index); without it, of the deployment.

    Jobs keep running: a snapshot has what they wrote so far. `stop` them first where that is not enough.
    """
    name = shell.needed_deployment()
    with opening.task(shell) as session:
        confirm = change.confirmed_where_changing(shell, session)
        report = using.take_snapshots(session, name, instance, caller=shell.caller, confirm=confirm)
    showing.show_disk_change(shell.terminal, report, f"Deployment '{name}' has no persistent disk.")


@click.command("delete-snapshot", epilog="Example: `compleat delete-snapshot snapshot-1f07c2a9d3b54e68`")
@click.argument("cid")
@options.shared
def delete(shell: options.Shell, cid: str) -> None:
    """Delete snapshot CID."""
    with opening.task(shell) as session:
        confirm = change.confirmed(shell, session)
        report = using.delete_snapshots(session, shell.deployment, cid, caller=shell.caller, confirm=confirm)
    showing.show_disk_change(shell.terminal, report, f"Snapshot '{cid}' was deleted before.")


@click.command("delete-snapshots", epilog="Example: `compleat delete-snapshots -d hello`")
@options.shared
def delete_all(shell: options.Shell) -> None:
    """Delete all snapshots of the deployment."""
    name = shell.needed_deployment()
    with opening.task(shell) as session:
        confirm = change.confirmed(shell, session)
        report = using.delete_snapshots(session, name, None, caller=shell.caller, confirm=confirm)
    showing.show_disk_change(shell.terminal, report, f"Deployment '{name}' has no snapshots.")
