"""`compleat stemcells`: list the stemcells of an environment.

Takes flags, gives output and an exit code.
"""

import click

from director.app.use_cases import stemcells as listing
from director.cli import opening, options
from director.cli.terminal import showing


@click.command("stemcells", epilog="Example: `compleat stemcells`")
@options.of_environment
def command(shell: options.Shell) -> None:
    """List the stemcells that the environment's clouds have, and the deployments that use them."""
    with opening.quiet_session(shell) as session:
        table = listing.list_stemcells(session)
    showing.show_table(shell.terminal, table)
