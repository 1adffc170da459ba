"""`compleat manifest`: the manifest that a deployment was last deployed with.

Takes flags, gives the document.
"""

import click

from director.app.use_cases import show
from director.app.wiring import records
from director.cli import options


@click.command("manifest", epilog="Example: `compleat manifest -d hello`")
@options.shared
def command(shell: options.Shell) -> None:
    """Print the manifest of the last successful deploy, generated secrets as ((names)), values of flags as text."""
    name = shell.needed_deployment()
    with records.open_history(shell.settings) as history:
        text = show.deployed_manifest(history, name)
    if shell.terminal.is_json:
        shell.terminal.say_json({"schema": "compleat.manifest/1", "deployment": name, "manifest": text})
    else:
        shell.terminal.say_raw(text.encode())
