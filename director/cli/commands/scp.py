"""`compleat scp`: files to or from an instance.

Takes two paths, one of them INSTANCE:PATH.
"""

import click

from director.app.use_cases import instance_access
from director.cli import opening, options


@click.command("scp", epilog="Example: `compleat scp jumpbox:manifests/platform.yml .`")
@click.argument("source")
@click.argument("target")
@options.shared
def command(shell: options.Shell, source: str, target: str) -> None:
    """Copy SOURCE to TARGET. A path on an instance is written INSTANCE:PATH."""
    if (":" in source) == (":" in target):
        raise click.UsageError("One of SOURCE and TARGET must be INSTANCE:PATH, the other a local path.")
    with opening.quiet_session(shell) as session:
        instance, _, remote = (source if ":" in source else target).partition(":")
        there = instance_access.find_target(session, shell.deployment, instance)
        if ":" in source:
            session.world.remote_access.fetch_file(there, remote=remote, local=target)
        else:
            session.world.remote_access.send_file(there, local=source, remote=remote)
