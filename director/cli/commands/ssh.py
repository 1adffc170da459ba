"""`compleat ssh`: a shell, or a command, on an instance or the jumpbox; a command on a whole group or deployment.

Takes flags, gives the far side's exit code, or what each instance printed.
"""

import click

from director.app.use_cases import instance_access
from director.cli import opening, options
from director.cli.terminal import showing
from director.model.report import Table


@click.command("ssh", epilog="Example: `compleat ssh jumpbox -c 'grep admin manifests/platform.yml'`")
@click.argument("instance", required=False)
@click.option("-c", "--command", "words", metavar="COMMAND", help="Run this instead of a shell.")
@click.option("-r", "--results", "is_listing", is_flag=True, help="With -c: print a table, an instance a row.")
@options.shared
def command(shell: options.Shell, instance: str | None, words: str | None, *, is_listing: bool) -> None:
    """Log in to INSTANCE: jumpbox, group/index, or a group with one instance.

    With -c, INSTANCE may be a group, and is the whole deployment if it is left out; the command then runs on all
    instances at once, and the exit code is 1 if it failed on any.
    """
    if words is None and (instance is None or is_listing):
        raise click.UsageError("Name an INSTANCE, or a COMMAND with -c.")
    with opening.quiet_session(shell) as session:
        is_several = instance_access.is_several(session, shell.deployment, instance)
        if words is not None and (is_listing or is_several):
            name = shell.needed_deployment()
            table = instance_access.run_everywhere(session, name, instance, command=words)
            _show(shell, table, is_listing=is_listing)
            code = int(any(row["exit_code"] != 0 for row in table.rows))
        else:
            target = instance_access.find_target(session, shell.deployment, str(instance))
            access = session.world.remote_access
            code = access.run_command(target, words) if words else access.open_shell(target)
    if code:
        raise click.exceptions.Exit(code)


def _show(shell: options.Shell, table: Table, *, is_listing: bool) -> None:
    """A table, or each line that was printed behind the name of its instance."""
    if is_listing or shell.terminal.is_json:
        showing.show_table(shell.terminal, table)
        return
    for row in table.rows:
        lines = str(row["output"] or row["error"]).splitlines()
        shell.terminal.say(f"{row['instance']} | {line}" for line in lines)
