"""`compleat disks`, `orphan-disk`, `attach-disk` and `delete-disk`: persistent disks, orphans among them.

Takes flags, gives a table or how it ended.
"""

import click

from director.app.use_cases import disks as using
from director.app.use_cases.disks import DiskAttachment
from director.cli import change, opening, options
from director.cli.terminal import showing


@click.command("disks", epilog="Example: `compleat disks --orphaned`")
@click.option("-o", "--orphaned", "is_orphaned", is_flag=True, help="List orphaned disks only.")
@options.listing
@options.shared
def disks(shell: options.Shell, *, is_orphaned: bool) -> None:
    """List persistent disks: their instances, and how long orphans have been without one."""
    with opening.quiet_session(shell) as session:
        table = using.list_disks(session, shell.deployment, is_orphaned=is_orphaned)
    showing.show_table(shell.terminal, table)


@click.command("orphan-disk", epilog="Example: `compleat orphan-disk disk-47b600dd34e50721`")
@click.argument("cid")
@options.of_environment
def orphan(shell: options.Shell, cid: str) -> None:
    """Let go of disk CID. Its instance must have no VM (`stop --hard`); the next start creates an empty disk."""
    with opening.task(shell) as session:
        report = using.orphan_disk(session, cid, caller=shell.caller, confirm=change.confirmed(shell, session))
    showing.show_disk_change(shell.terminal, report, f"Disk '{cid}' is orphaned already.")


@click.command("attach-disk", epilog="Example: `compleat attach-disk -d hello hello/0 disk-47b600dd34e50721`")
@click.argument("instance")
@click.argument("cid")
@options.shared
def attach(shell: options.Shell, instance: str, cid: str) -> None:
    """Give orphaned disk CID to INSTANCE (group/index), which must be stopped; the disk it has is orphaned.

    `compleat start` attaches and mounts it.
    """
    wanted = DiskAttachment(deployment=shell.needed_deployment(), instance=instance, cid=cid)
    with opening.task(shell) as session:
        report = using.attach_disk(session, wanted, caller=shell.caller, confirm=change.confirmed(shell, session))
    showing.show_disk_change(shell.terminal, report, f"Disk '{cid}' belongs to {instance} already.")


@click.command("delete-disk", epilog="Example: `compleat delete-disk disk-47b600dd34e50721`")
@click.argument("cid")
@options.of_environment
def delete(shell: options.Shell, cid: str) -> None:
    """Delete orphaned disk CID and its data."""
    with opening.task(shell) as session:
        report = using.delete_disk(session, cid, caller=shell.caller, confirm=change.confirmed(shell, session))
    showing.show_disk_change(shell.terminal, report, f"Disk '{cid}' was deleted before.")
