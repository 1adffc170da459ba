"""`compleat scp`: files and folders to or from an instance, or all instances of a group.

Takes two paths, one of them INSTANCE:PATH.
"""

import click

from director.app.use_cases import instance_access, instance_copies
from director.cli import opening, options


@click.command("scp", epilog="Example: `compleat scp jumpbox:manifests/platform.yml .`")
@click.argument("source")
@click.argument("target")
@click.option("-r", "--recursive", "is_recursive", is_flag=True, help="Copy folders with all that is in them.")
@options.shared
def command(shell: options.Shell, source: str, target: str, *, is_recursive: bool) -> None:
    """Copy SOURCE to TARGET. A path on an instance is written INSTANCE:PATH.

    INSTANCE may be a group: the copy goes to all of its instances at once, or comes from each, to a TARGET with
    ((instance_id)) in its path. The exit code is 1 if an instance failed.
    """
    if (":" in source) == (":" in target):
        raise click.UsageError("One of SOURCE and TARGET must be INSTANCE:PATH, the other a local path.")
    is_fetching = ":" in source
    instance, _, remote = (source if is_fetching else target).partition(":")
    with opening.quiet_session(shell) as session:
        chosen = instance_access.find_chosen(session, shell.deployment, instance)
        if is_fetching:
            failed = instance_copies.fetch(session, chosen, remote=remote, local=target, is_recursive=is_recursive)
        else:
            failed = instance_copies.send(session, chosen, local=source, remote=remote, is_recursive=is_recursive)
    shell.terminal.note(f"{name}: {error}" for name, error in failed.items())
    if failed:
        raise click.exceptions.Exit(1)
