"""`compleat stop`: stop the jobs of instances; their VMs stay.

Takes flags, gives output and an exit code.
"""

import click

from director.cli import change, options
from director.plan.request import InstanceRequest


@click.command("stop", epilog="Example: `compleat stop -d hello hello/0`")
@click.argument("instance", required=False)
@click.option("--hard", is_flag=True, help="Delete the VMs too; disks stay.")
@options.shared
def command(shell: options.Shell, instance: str | None, hard: bool) -> None:
    """Stop the jobs of instances; their VMs stay: INSTANCE is a group or group/index; all without it."""
    change.wish(shell, instance, InstanceRequest.DETACHED if hard else InstanceRequest.STOPPED)
