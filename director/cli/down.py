"""`compleat down`: an environment removed, and the proof that nothing is left.

Takes flags, gives what was deleted; the exit code is 1 when something of ours is left.
"""

import click

from director.app import down
from director.cli import change, opening, options, showing
from director.errors import StateError


@click.command("down", epilog="Example: `compleat down -n`")
@options.of_environment
def command(shell: options.Shell) -> None:
    """Delete all that is ours in the environment, by the cloud's own list; nothing else is touched."""
    with opening.session(shell) as session:
        report = down.take_down(session, command=shell.command, confirm=change.confirmed(shell))
    showing.show_down(shell.terminal, report)
    if report.left:
        error = StateError("something-left", f"{len(report.left)} of ours are left.", fix="Run the same command again.")
        showing.fail_after_report(shell.terminal, error)
