"""`compleat recreate`: recreate the VMs of instances; disks stay.

Takes flags, gives output and an exit code.
"""

import click

from director.cli import change, options
from director.plan.request import InstanceRequest


@click.command("recreate", epilog="Example: `compleat recreate -d hello hello/0`")
@click.argument("instance", required=False)
@options.shared
def command(shell: options.Shell, instance: str | None) -> None:
    """Recreate the VMs of instances; disks stay: INSTANCE is a group or group/index; all without it."""
    change.wish(shell, instance, InstanceRequest.RECREATE)
