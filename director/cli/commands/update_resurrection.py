"""`compleat update-resurrection`: BOSH's switch for the recreation of VMs, which is off here.

Takes a word, gives output and an exit code.
"""

import click

from director.app.wiring import environments
from director.app.wiring.homes import Home
from director.cli import options
from director.errors import InputError


@click.command("update-resurrection", epilog="Example: `compleat update-resurrection off`")
@click.argument("state", type=click.Choice(["on", "off"]))
@options.of_environment
def command(shell: options.Shell, /, state: str) -> None:
    """Confirm that VMs are not recreated between commands (off); `on` is refused.

    `compleat deploy --fix` recreates VMs that do not answer.
    """
    if state == "on":
        raise InputError(
            "resurrection-unavailable",
            "VMs that do not answer cannot be recreated automatically.",
            why="compleat has no process between commands that would notice them.",
            fix="Run `compleat deploy MANIFEST --fix -n`, by a timer if it is to happen by itself.",
        )
    with Home(shell.settings) as home:
        environments.require_known(home)
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.resurrection/1", "enabled": False})
    else:
        shell.terminal.say(["Resurrection is off: no VM is recreated between commands."])
