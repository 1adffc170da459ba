"""`compleat errands`: the errands of a deployment.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import errand
from director.cli import opening, options
from director.cli.terminal import showing


@click.command("errands", epilog="Example: `compleat errands -d platform`")
@options.listing
@options.shared
def command(shell: options.Shell) -> None:
    """List the deployment's errands."""
    with opening.quiet_session(shell) as session:
        table = errand.list_errands(session, shell.needed_deployment())
    showing.show_table(shell.terminal, table)
