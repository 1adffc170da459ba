"""`compleat ssh`: a shell, or a command, on an instance or the jumpbox.

Takes flags, gives the far side's exit code.
"""

import click

from director.app.use_cases import instance_access
from director.cli import opening, options


@click.command("ssh", epilog="Example: `compleat ssh jumpbox -c 'grep admin manifests/platform.yml'`")
@click.argument("instance")
@click.option("-c", "--command", "words", metavar="COMMAND", help="Run this instead of a shell.")
@options.shared
def command(shell: options.Shell, instance: str, words: str | None) -> None:
    """Log in to INSTANCE: jumpbox, group/index, or a group with one instance."""
    with opening.quiet_session(shell) as session:
        target = instance_access.find_target(session, shell.deployment, instance)
        code = (
            session.world.remote_access.run_command(target, words)
            if words
            else session.world.remote_access.open_shell(target)
        )
    if code:
        raise click.exceptions.Exit(code)
