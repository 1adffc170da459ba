"""`compleat down`: an environment removed, and the proof that nothing is left.

Takes flags, gives what was deleted; the exit code is 1 when resources are left, or are recorded and not found.
"""

import click

from director.app.sessions.near_ends import Extended
from director.app.use_cases import down, extend
from director.cli import opening, options
from director.cli.terminal import showing
from director.errors import StateError
from director.model.costs import DeletionList
from director.model.report import DownReport
from director.report import deletion_text


@click.command("down", epilog="Example: `compleat down -n`")
@click.option("--forget", is_flag=True, help="Drop the records of resources that are not found in the cloud.")
@click.option(
    "--receipt",
    metavar="FILE",
    type=click.Path(dir_okay=False),
    help="Write what was listed, deleted and left to FILE, as JSON.",
)
@click.option("--at-end", is_flag=True, help="Do nothing before the environment's end: for timers.")
@options.watched
@options.of_environment
def command(shell: options.Shell, /, *, forget: bool, receipt: str | None, at_end: bool) -> None:
    """Delete all resources of the environment, as listed by the cloud; nothing else is touched."""
    if at_end and not _is_due(shell):
        showing.show_extended(shell.terminal, Extended(environment=shell.settings.environment, at=None))
        return
    if forget:
        shell.confirm(f"Drop all records of environment '{shell.settings.environment}'?")
    with opening.task(shell) as session:
        if receipt is not None and not session.files.is_there(receipt):
            session.files.write_private(receipt, "")  # a file that cannot be written is refused before the deletions
        request = down.DownRequest(caller=shell.caller, is_forgetting=forget)
        report = down.take_down(session, request, _confirmed(shell))
        if receipt is not None:
            down.write_receipt(session, report, receipt)
    showing.show_down(shell.terminal, report)
    if report.left:
        showing.fail_after_report(shell.terminal, _left(report))
    if not report.is_forgotten:
        showing.fail_after_report(shell.terminal, _missing(report))


def _is_due(shell: options.Shell) -> bool:
    with opening.quiet_session(shell) as session:
        return extend.is_due(session)


def _confirmed(shell: options.Shell) -> down.Confirm:
    """Show what will be deleted and ask, unless -n, which logs it."""

    def confirm(listed: DeletionList) -> None:
        lines = deletion_text.deletion_lines(listed)
        if shell.is_asking:
            shell.confirm(lines)
        elif not shell.terminal.is_json:
            with shell.terminal.pausing():
                shell.terminal.note(lines)

    return confirm


def _left(report: DownReport) -> StateError:
    return StateError(
        "resources-left",
        f"Resources of environment '{report.environment}' left in the cloud: {len(report.left)}.",
        why="The report above names them: the cloud still listed them after three attempts.",
        fix="Run the same command again.",
    )


def _missing(report: DownReport) -> StateError:
    return StateError(
        "recorded-not-found",
        f"Recorded resources of environment '{report.environment}' not found in the cloud: {len(report.missing)}.",
        why="The report above names them. Another login or region may hide them, or they were deleted by hand.",
        fix=f"Check the login and the environment's file. If they are gone, `compleat down --forget -e "
        f"{report.environment}` drops their records.",
    )
