"""`compleat start`: start instances that were stopped.

Takes flags, gives output and an exit code.
"""

import click

from director.cli import change, options
from director.plan.request import InstanceRequest


@click.command("start", epilog="Example: `compleat start -d hello hello/0`")
@click.argument("instance", required=False)
@options.shared
def command(shell: options.Shell, instance: str | None) -> None:
    """Start instances that were stopped: INSTANCE is a group or group/index; all without it."""
    change.wish(shell, instance, InstanceRequest.STARTED)
