"""`compleat restart`: restart the jobs of instances.

Takes flags, gives output and an exit code.
"""

import click

from director.cli import change, options
from director.plan.request import InstanceRequest


@click.command("restart", epilog="Example: `compleat restart -d hello hello/0`")
@click.argument("instance", required=False)
@options.shared
def command(shell: options.Shell, instance: str | None) -> None:
    """Restart the jobs of instances: INSTANCE is a group or group/index; all without it."""
    change.wish(shell, instance, InstanceRequest.RESTART)
