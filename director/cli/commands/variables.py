"""`compleat variables`: list the names of generated secrets; never their values.

Takes flags, gives output and an exit code.
"""

import click

from director.app.wiring import vaults
from director.cli import options
from director.cli.terminal import showing


@click.command("variables", epilog="Example: `compleat variables -d platform`")
@options.listing
@options.shared
def command(shell: options.Shell) -> None:
    """List the names of generated secrets; never their values."""
    with vaults.open_secret_history(shell.settings) as history:
        showing.show_secret_names(shell.terminal, history, shell.deployment)
