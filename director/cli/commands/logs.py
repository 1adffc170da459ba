"""`compleat logs`: an instance's logs fetched as an archive, or followed.

Takes flags, gives a path or lines.
"""

import contextlib
from functools import partial

import click

from director.app.use_cases import instance_access
from director.cli import opening, options
from director.cli.terminal.terminal import Terminal


@click.command("logs", epilog="Example: `compleat logs -d platform console/0 -f`")
@click.argument("instance")
@click.option("-f", "--follow", is_flag=True, help="Follow new lines until Ctrl-C.")
@click.option("--num", "lines", default=20, show_default=True, help="With -f: number of earlier lines to show first.")
@click.option("--agent", is_flag=True, help="The agent's logs instead of the jobs'.")
@click.option("--dir", "folder", default=".", show_default=True, help="Folder for the archive.")
@options.shared
def command(shell: options.Shell, /, instance: str, **flags: bool | int | str) -> None:
    """Fetch the logs of INSTANCE as a .tgz, or follow them with -f."""
    with opening.quiet_session(shell) as session:
        target = instance_access.find_target(session, shell.deployment, instance)
        if flags["follow"]:
            with contextlib.suppress(KeyboardInterrupt):  # the way to end it
                instance_access.follow_logs(
                    session, target, lines=int(flags["lines"]), watch=partial(_show, shell.terminal)
                )
            return
        kind = "agent" if flags["agent"] else "job"
        path = instance_access.fetch_logs(session, target, folder=str(flags["folder"]), kind=kind)
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.logs/1", "path": path})
    else:
        shell.terminal.say([path])


def _show(terminal: Terminal, line: str) -> None:
    """Write one line; end the command quietly when the reader has closed the pipe."""
    terminal.say(line.splitlines() or [""])
    if not terminal.is_read:
        raise KeyboardInterrupt
