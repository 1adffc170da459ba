"""`compleat creds`: list secrets, or show one.

Takes flags, gives output and an exit code.
"""

import json

import click

from director.app.use_cases import show
from director.app.wiring import vaults
from director.cli import options
from director.cli.terminal import showing


@click.command("creds", epilog="Example: `compleat creds console_admin_password`")
@click.argument("name", required=False)
@options.shared
def command(shell: options.Shell, name: str | None) -> None:
    """List the names of secrets, or show the value of NAME (NAME.FIELD for one field of it)."""
    with vaults.open_secret_history(shell.settings) as history:
        if name is None:
            showing.show_secret_names(shell.terminal, history, shell.deployment)
            return
        value = show.show_secret(history, shell.deployment, name)
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.secret/1", "name": name, "value": value})
    else:
        text = value if isinstance(value, str) else json.dumps(value, indent=2)
        shell.terminal.say_raw(f"{text}\n".encode())
