"""`compleat variables`: list the names of generated secrets; never their values.

Takes flags, gives output and an exit code.
"""

import click

from director.app import wire_records
from director.cli import options, showing


@click.command("variables", epilog="Example: `compleat variables -d platform`")
@options.shared
def command(shell: options.Shell) -> None:
    """List the names of generated secrets; never their values."""
    with wire_records.open_past(shell.settings) as past:
        showing.show_secret_names(shell.terminal, past, shell.deployment)
