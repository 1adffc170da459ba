"""`compleat delete-vm`: the VM of an instance deleted, whatever its state.

Takes flags, gives how it ended.
"""

import click

from director.app.use_cases import cloud_check
from director.cli import change, opening, options
from director.cli.terminal import showing


@click.command("delete-vm", epilog="Example: `compleat delete-vm vm-5a7f82aabb908255`")
@click.argument("cid")
@options.watched
@options.of_environment
def command(shell: options.Shell, cid: str) -> None:
    """Delete VM CID without stopping its jobs; disks stay. `deploy` or `cloud-check` creates another one."""
    with opening.task(shell) as session:
        report = cloud_check.delete_vm(session, cid, caller=shell.caller, confirm=change.confirmed(shell, session))
    showing.show_run(shell.terminal, report, ())
