"""`compleat start`, `stop`, `restart` and `recreate`: what is asked of instances beside their manifest.

Takes flags, gives output and an exit code.
"""

import click

from director.cli import change, options
from director.plan.request import InstanceRequest


def _command(name: str, request: InstanceRequest, about: str, *, hard: InstanceRequest | None = None) -> click.Command:
    """The command of that name; with --hard it asks for `hard`, where there is one."""

    def run(shell: options.Shell, instance: str | None, is_hard: bool = False) -> None:
        change.request_change(shell, instance, hard if hard and is_hard else request)

    decorated = options.watched(options.shared(run))
    if hard:
        decorated = click.option("--hard", "is_hard", is_flag=True, help="Delete the VMs too; disks stay.")(decorated)
    decorated = click.argument("instance", required=False)(decorated)
    help_ = f"{about}. INSTANCE is a group or group/index; without it, all."
    return click.command(name, help=help_, epilog=f"Example: `compleat {name} -d hello hello/0`")(decorated)


start = _command("start", InstanceRequest.STARTED, "Start instances that were stopped")
stop = _command(
    "stop", InstanceRequest.STOPPED, "Stop the jobs of instances; their VMs stay", hard=InstanceRequest.DETACHED
)
restart = _command("restart", InstanceRequest.RESTART, "Restart the jobs of instances")
recreate = _command("recreate", InstanceRequest.RECREATE, "Recreate the VMs of instances; disks stay")
