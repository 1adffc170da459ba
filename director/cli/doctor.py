"""`compleat doctor`: what is wrong with this machine or the environment's cloud, and how to mend it.

Takes flags, gives findings; the exit code is 3 when a finding forbids an `up`.
"""

import click

from director.app import doctor
from director.cli import opening, options, showing
from director.errors import InputError, raise_all


@click.command("doctor", epilog="Example: `compleat doctor`")
@options.shared
def command(shell: options.Shell) -> None:
    """Check everything that can be known before the first create."""
    with opening.quiet_session(shell) as session:
        findings = doctor.examine(session)
    showing.show_table(shell.terminal, doctor.findings_table(findings))
    try:
        raise_all(doctor.fatal_problems(findings))
    except InputError as error:
        showing.fail_after_report(shell.terminal, error, code=3)
