"""`compleat rotate`: generate secrets again and deploy what uses them.

Takes flags, gives output and an exit code.
"""

from collections.abc import Sequence

import click

from director.app.checks.rotation_names import RotationChoice
from director.app.sessions import fingerprints
from director.app.use_cases import rotate
from director.app.use_cases.rotate import RotateRequest
from director.cli import change, opening, options, span_option
from director.cli.terminal import showing


@click.command("rotate", epilog="Example: `compleat rotate --expiring 30d`")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--all", "is_all", is_flag=True, help="Rotate all variables; without -d the SSH key of all VMs, too.")
@click.option(
    "--expiring", type=span_option.TimeSpan(), metavar="SPAN", help="Rotate certificates that expire within SPAN."
)
@options.watched
@options.shared
def command(shell: options.Shell, /, names: tuple[str, ...], *, is_all: bool, expiring: float | None) -> None:
    """Generate secrets again and deploy what uses them: passwords, keys, certificates, certificate authorities.

    A certificate authority is replaced in three steps, so that old and new certificates are trusted meanwhile. The name
    ssh_key is the SSH key of all VMs. VMs are kept. At the end each former value is tried, and must be refused. What
    was interrupted is continued by the same command.
    """
    if bool(names) + is_all + (expiring is not None) != 1:
        raise click.UsageError("Give names, or --all, or --expiring")
    choice = RotationChoice(names=names, is_all=is_all, expiring_s=expiring)
    with opening.task(shell) as session:
        fingerprints.report_clouds(session)
        request = RotateRequest(choice=choice, caller=shell.caller, deployment=shell.deployment)
        table = rotate.rotate(session, request, change.confirmed(shell, session), announce=_announced(shell))
    showing.show_table(shell.terminal, table)


def _announced(shell: options.Shell) -> rotate.Announce:
    def announce(lines: Sequence[str]) -> None:
        if not shell.terminal.is_json:
            with shell.terminal.pausing():
                shell.terminal.note(lines)

    return announce
