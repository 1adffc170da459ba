"""`compleat start`, `stop`, `restart` and `recreate`: what is asked of instances beside their manifest.

Takes flags, gives output and an exit code.
"""

from collections.abc import Callable, Sequence

import click

from director.cli import change, options
from director.plan.request import InstanceRequest

_CANARIES = click.option("--canaries", metavar="N|N%", help="Number of canaries; overrides the manifest.")
_MAX_IN_FLIGHT = click.option("--max-in-flight", metavar="N|N%", help="Instances at a time; overrides the manifest.")
_SKIP_DRAIN = click.option("--skip-drain", "is_skipping_drain", is_flag=True, help="Skip pre-stop and drain.")
_FIX = click.option("--fix", "is_fix", is_flag=True, help="Recreate VMs whose agent does not answer.")


def _command(name: str, request: InstanceRequest, about: str, *, hard: InstanceRequest | None = None) -> click.Command:
    """The command of that name; with --hard it asks for `hard`, where there is one."""

    def run(shell: options.Shell, /, instance: str | None, is_hard: bool = False, **flags: bool | str | None) -> None:
        wanted = hard if hard and is_hard else request
        change.request_change(shell, instance, wanted, rollout=change.read_rollout(flags))

    decorated = options.watched(options.shared(run))
    for option in _options_of(request):
        decorated = option(decorated)
    if hard:
        decorated = click.option("--hard/--soft", "is_hard", help="Delete the VMs too; disks stay.")(decorated)
    decorated = click.argument("instance", required=False)(decorated)
    help_ = f"{about}. INSTANCE is a group or group/index; without it, all."
    return click.command(name, help=help_, epilog=f"Example: `compleat {name} -d hello hello/0`")(decorated)


def _options_of(request: InstanceRequest) -> Sequence[Callable[[Callable[..., None]], Callable[..., None]]]:
    """As BOSH has them: nothing is drained that does not stop."""
    is_starting = request is InstanceRequest.STARTED
    return (_FIX, _MAX_IN_FLIGHT, _CANARIES, *(() if is_starting else (_SKIP_DRAIN,)))


start = _command("start", InstanceRequest.STARTED, "Start instances that were stopped")
stop = _command(
    "stop", InstanceRequest.STOPPED, "Stop the jobs of instances; their VMs stay", hard=InstanceRequest.DETACHED
)
restart = _command("restart", InstanceRequest.RESTART, "Restart the jobs of instances")
recreate = _command("recreate", InstanceRequest.RECREATE, "Recreate the VMs of instances; disks stay")
